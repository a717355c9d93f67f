import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { z } from 'zod';
import { describeIssue } from '../describe-issue.ts';
import { UsageError } from '../errors.ts';
import type { Window } from '../scene.ts';
import { readBoxes } from './boxes.ts';
import { type LabelLine, readLabelLines } from './label-lines.ts';
import { listMistakes } from './list-mistakes.ts';
import { isMade, labelMade } from './made-scenes.ts';
import { type DatasetReference, parseReference, selectScenes } from './select-scenes.ts';

/**
 * What a data set says of its scenes: `labels.jsonl`, one JSON object a line, or `labels.csv` with the columns
 * `file,label`. Files lie in the data set's folder or in its `images`. A scene needs a file and a class; where the
 * objects of interest lie is only looked at to judge a model.
 */
export type LabelledScene = {
  /** The file's name without its ending, unless the labels name it. No two scenes have the same. */
  readonly id: string;
  readonly path: string;
  readonly class: string;
  /** Around the objects of interest, in pixels of full resolution; absent where there is none, or none is known. */
  readonly boxes?: readonly Window[];
  /** The part of the data set that the labels put it into, such as `train`. */
  readonly split?: string;
  readonly fold?: string;
};

/** Classes may be numbers, such as the digits of MNIST. */
const words = z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string().min(1));
const entrySchema = z.object({
  file: z.string().min(1),
  id: words.optional(),
  class: words,
  split: words.optional(),
  fold: words.optional(),
  /** Left, top, right and bottom; the last two lie outside. */
  vessel: z.object({ box: z.tuple([z.number(), z.number(), z.number(), z.number()]) }).nullish(),
});

/** What the labels name, and what is wrong with the rest: a line for each mistake. */
export type Labels = { readonly scenes: readonly LabelledScene[]; readonly mistakes: readonly string[] };

/**
 * @param dataset a folder, or what is made without files (`labelMade`), or a part of one (`parseReference`); several with
 * ` + ` between them
 * @param classes what a scene may be labelled; anything without them
 * @throws {UsageError} when there are no labels, or some of them make no sense: each mistake with its line
 */
export async function readLabels(dataset: string, classes?: readonly string[]): Promise<readonly LabelledScene[]> {
  const { scenes, mistakes } = await surveyLabels(dataset, classes);
  if (mistakes.length > 0) throw new UsageError(listMistakes(mistakes));
  return scenes;
}

/**
 * `readLabels` for who wants to look at the files of the sound labels before it complains about the others.
 * @throws {UsageError} when there are no labels at all
 */
export async function surveyLabels(dataset: string, classes?: readonly string[]): Promise<Labels> {
  const parts = await Promise.all(dataset.split(JOINT).map((part) => surveyPart(part, classes)));
  return {
    scenes: parts.flatMap(({ scenes }) => scenes),
    mistakes: [...new Set(parts.flatMap(({ mistakes }) => mistakes))],
  };
}

/** Between data sets that are taken as one; one that is named twice counts twice. */
const JOINT = ' + ';

async function surveyPart(dataset: string, classes?: readonly string[]): Promise<Labels> {
  const reference = parseReference(dataset);
  if (isMade(reference.directory)) {
    return { scenes: selectScenes(await madeScenes(reference.directory, classes), reference), mistakes: [] };
  }
  const { path, lines } = await readLines(reference);
  const scenes = new Map<string, LabelledScene & { readonly line: number }>();
  const mistakes = lines.flatMap(({ number, value }) => {
    const { data, error } = entrySchema.safeParse(value);
    if (error) return [`${path}, line ${number}: ${error.issues.map(describeIssue).join('; ')}`];
    const scene = { ...labelledScene(data), line: number };
    const mistake = mistakeIn(scene, scenes.get(scene.id), classes);
    if (mistake !== undefined) return [`${path}, line ${number}: ${mistake}`];
    scenes.set(scene.id, scene);
    return [];
  });
  if (lines.length === 0) mistakes.push(`${path} labels no scene`);
  const all = [...scenes.values()].map(({ line: _line, ...scene }) => scene);
  if (all.length === 0) return { scenes: [], mistakes };
  try {
    return { scenes: selectScenes(await locate(all, reference), reference), mistakes };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(listMistakes([...mistakes, ...error.mistakes])); // it may be a wrong line that is not selected
  }
}

async function madeScenes(dataset: string, classes: readonly string[] | undefined): Promise<LabelledScene[]> {
  const scenes = await labelMade(dataset, readLabels);
  const foreign = classes && scenes.find((scene) => !classes.includes(scene.class));
  if (foreign === undefined) return scenes;
  throw new UsageError([`${dataset}: ${mistakeIn(foreign, undefined, classes)}`]);
}

async function readLines({ directory }: DatasetReference): Promise<{ path: string; lines: LabelLine[] }> {
  for (const path of [join(directory, 'labels.jsonl'), join(directory, 'labels.csv')]) {
    const lines = await readLabelLines(path);
    if (lines) return { path, lines };
  }
  throw new UsageError([`${directory} is no data set: it holds neither labels.jsonl nor labels.csv`]);
}

/** Its path is still the file's name in the labels. */
function labelledScene({ file, id, vessel, split, fold, ...entry }: z.infer<typeof entrySchema>): LabelledScene {
  return {
    id: id ?? basename(file, extname(file)),
    path: file,
    class: entry.class,
    ...(vessel && { boxes: [boxOf(vessel.box)] }),
    ...(split !== undefined && { split }),
    ...(fold !== undefined && { fold }),
  };
}

function boxOf([x, y, right, bottom]: readonly [number, number, number, number]): Window {
  return { x, y, width: right - x, height: bottom - y };
}

function mistakeIn(
  { id, path, class: label }: LabelledScene,
  twin: (LabelledScene & { readonly line: number }) | undefined,
  classes: readonly string[] | undefined,
): string | undefined {
  if (twin?.path === path) return `${path} is listed already, in line ${twin.line}`;
  if (twin) return `${path} is named ${id} as ${twin.path} is, in line ${twin.line}: give one of them another id`;
  if (classes?.includes(label) !== false) return undefined;
  return `${id} is labelled ${label}, which is no class of the model (${classes.join(', ')})`;
}

/** Where each file lies, and its boxes. */
async function locate(scenes: readonly LabelledScene[], { directory }: DatasetReference): Promise<LabelledScene[]> {
  const boxesOf = await readBoxes(join(directory, 'boxes.json'));
  const images = (await isThere(join(directory, 'images'))) ? join(directory, 'images') : directory;
  return Promise.all(
    scenes.map(async ({ path: file, ...scene }) => {
      const [plain, inImages] = [join(directory, file), join(images, file)];
      const boxes = boxesOf(file, scene.class);
      const path = images === directory || (await isThere(plain)) ? plain : inImages;
      return { ...scene, path, ...(boxes.length > 0 && { boxes }) };
    }),
  );
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
