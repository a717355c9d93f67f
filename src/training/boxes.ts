import { z } from 'zod';
import { describeIssue } from '../describe-issue.ts';
import { UsageError } from '../errors.ts';
import type { Window } from '../scene.ts';
import { readIfThere } from './label-lines.ts';

/**
 * Where the objects of interest of scenes lie (`boxes.json`): for each file its boxes, in pixels of full resolution. They
 * are looked at to judge a model, never to train it.
 */
const boxesSchema = z.record(
  z.string(),
  z.array(
    z.object({
      left: z.number(),
      top: z.number(),
      right: z.number(),
      bottom: z.number(),
      /** What lies in the box; of a scene only those count that are what the scene is labelled. */
      label: z.string().optional(),
      /** The same in numbers of the German Traffic Sign Detection Benchmark. */
      objectId: z.number().int().optional(),
    }),
  ),
);

type Box = z.infer<typeof boxesSchema>[string][number];

/** Speed limits in km/h by the class numbers of the German Traffic Sign Detection Benchmark. */
const speedLimits: Readonly<Record<number, string>> = {
  0: '20',
  1: '30',
  2: '50',
  3: '60',
  4: '70',
  5: '80',
  7: '100',
  8: '120',
};

/**
 * @returns the boxes that count of a file whose scene is of a class; none where there is no such file of boxes
 * @throws {UsageError} when it makes no sense
 */
export async function readBoxes(path: string): Promise<(file: string, sceneClass: string) => Window[]> {
  const text = await readIfThere(path);
  if (text === undefined) return () => [];
  const known = new Map(Object.entries(parseBoxes(path, text))); // files may be named as what every object has
  return (file, sceneClass) => (known.get(file) ?? []).filter((box) => counts(box, sceneClass)).map(windowOf);
}

function parseBoxes(path: string, text: string): z.infer<typeof boxesSchema> {
  try {
    return boxesSchema.parse(JSON.parse(text));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    throw new UsageError([`${path}: ${issue ? describeIssue(issue) : 'is not JSON'}`]);
  }
}

function counts({ label, objectId }: Box, sceneClass: string): boolean {
  if (label !== undefined) return label === sceneClass;
  return objectId === undefined || speedLimits[objectId] === sceneClass;
}

function windowOf({ left, top, right, bottom }: Box): Window {
  return { x: left, y: top, width: right - left, height: bottom - top };
}
