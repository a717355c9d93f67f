import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { Window } from '../scene.ts';

/**
 * What a data set says of its scenes: `labels.jsonl`, one JSON object a line, or `labels.csv` with the columns
 * `file,label`. A scene needs a file and a class; where the object of interest lies is only looked at to judge a model.
 */
export type LabelledScene = {
  /** The file's name without its ending, unless the labels name it. */
  readonly id: string;
  readonly path: string;
  readonly class: string;
  /** Around the object of interest, in pixels of full resolution. */
  readonly box?: Window;
};

const entrySchema = z.object({
  file: z.string().min(1),
  id: z.string().min(1).optional(),
  class: z.string().min(1),
  /** Left, top, right and bottom; the last two lie outside. */
  vessel: z.object({ box: z.tuple([z.number(), z.number(), z.number(), z.number()]) }).nullish(),
});

const MOST_MISTAKES = 5;

/**
 * @param classes what a scene may be labelled; anything without them
 * @throws {UsageError} when there are no labels, or some of them make no sense: the first few mistakes with their lines
 */
export async function readLabels(directory: string, classes?: readonly string[]): Promise<LabelledScene[]> {
  const scenes = await readEntries(directory);
  const foreign = scenes.find((scene) => classes?.includes(scene.class) === false);
  if (foreign === undefined) return scenes;
  throw new UsageError([
    `${directory}: ${foreign.id} is labelled ${foreign.class}, which is no class of the model (${classes?.join(', ')})`,
  ]);
}

async function readEntries(directory: string): Promise<LabelledScene[]> {
  const jsonl = await readIfThere(join(directory, 'labels.jsonl'));
  const csv = jsonl === undefined ? await readIfThere(join(directory, 'labels.csv')) : undefined;
  if (jsonl !== undefined) return parse(join(directory, 'labels.jsonl'), lines(jsonl).map(fromJson), directory);
  if (csv !== undefined) return parse(join(directory, 'labels.csv'), fromCsv(lines(csv)), directory);
  throw new UsageError([`${directory} is no data set: it holds neither labels.jsonl nor labels.csv`]);
}

type Line = { readonly number: number; readonly text: string };
type Entry = { readonly number: number; readonly value: unknown };

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw new UsageError([`${path} cannot be read: ${error instanceof Error ? error.message : error}`]);
  }
}

function lines(text: string): Line[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '');
}

function fromJson({ number, text }: Line): Entry {
  try {
    return { number, value: JSON.parse(text) };
  } catch {
    return { number, value: text };
  }
}

/** A header names the columns; fields are not quoted. */
function fromCsv([header, ...rows]: readonly Line[]): Entry[] {
  const columns = header?.text.split(',').map((name) => name.trim()) ?? [];
  const [file, label] = [columns.indexOf('file'), columns.indexOf('label')];
  return rows.map(({ number, text }) => {
    const fields = text.split(',').map((field) => field.trim());
    return { number, value: { file: fields[file], class: fields[label] } };
  });
}

function parse(path: string, entries: readonly Entry[], directory: string): LabelledScene[] {
  const scenes: LabelledScene[] = [];
  const mistakes: string[] = [];
  for (const { number, value } of entries) {
    const { success, data, error } = entrySchema.safeParse(value);
    if (success) scenes.push(labelledScene(data, directory));
    else mistakes.push(`${path}, line ${number}: ${error.issues.map(describe).join('; ')}`);
  }
  if (entries.length === 0) mistakes.push(`${path} labels no scene`);
  if (mistakes.length > MOST_MISTAKES) mistakes.splice(MOST_MISTAKES, Infinity, `${path}: and more such lines`);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return scenes;
}

function labelledScene({ file, id, vessel, ...entry }: z.infer<typeof entrySchema>, directory: string): LabelledScene {
  const scene = { id: id ?? basename(file, extname(file)), path: join(directory, file), class: entry.class };
  if (!vessel) return scene;
  const [x, y, right, bottom] = vessel.box;
  return { ...scene, box: { x, y, width: right - x, height: bottom - y } };
}

function describe({ path, message }: { readonly path: PropertyKey[]; readonly message: string }): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
