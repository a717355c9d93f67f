import { UsageError } from '../errors.ts';
import { randomKey } from '../random.ts';
import type { LabelledScene } from './labels.ts';

/**
 * Which scenes of a data set are meant: `data/signs` means all, `data/signs#split=train` those whose labels say so,
 * `data/signs#fold=0/5` the first of five parts to be held out, `data/signs#rest=0/5` the others. Without `/5` it is the
 * labels that name the fold.
 */
export type DatasetReference = { readonly directory: string; readonly selection: string | undefined };

export function parseReference(reference: string): DatasetReference {
  const at = reference.lastIndexOf('#');
  if (at < 0) return { directory: reference, selection: undefined };
  return { directory: reference.slice(0, at), selection: reference.slice(at + 1) };
}

/** @throws {UsageError} when the selection makes no sense, or selects nothing */
export function selectScenes(scenes: readonly LabelledScene[], { directory, selection }: DatasetReference) {
  if (selection === undefined) return [...scenes];
  const [, kind, wanted = '', of] = /^(split|fold|rest)=([^/]+)(?:\/(\d+))?$/.exec(selection) ?? [];
  if (
    kind === undefined ||
    (kind === 'split' && of !== undefined) ||
    (of !== undefined && !(Number(wanted) < Number(of)))
  )
    throw new UsageError([
      `${directory}#${selection}: behind # stands split=NAME, fold=K/N or rest=K/N, with K from 0 to N - 1`,
    ]);
  const partOf = kind === 'split' ? (scene: LabelledScene) => scene.split : foldsOf(scenes, of);
  const selected = scenes.filter((scene) => (partOf(scene) === wanted) === (kind !== 'rest'));
  if (selected.length > 0 && (kind !== 'rest' || selected.length < scenes.length)) return selected;
  const known = [...new Set(scenes.map((scene) => partOf(scene) ?? 'none'))].sort().slice(0, 10).join(', ');
  throw new UsageError([
    `${directory}#${selection} selects ${selected.length} of ${scenes.length} scenes; they have ${known}`,
  ]);
}

function foldsOf(
  scenes: readonly LabelledScene[],
  of: string | undefined,
): (scene: LabelledScene) => string | undefined {
  if (of === undefined) return (scene) => scene.fold;
  const folds = dealFolds(scenes, Number(of));
  return ({ id }) => String(folds.get(id));
}

/**
 * Deals scenes out to folds, class by class and in the order of a hash of their ids: every fold gets its share of every
 * class, and the same scenes fall into the same folds in whatever order they come.
 * @returns of each scene's id the fold, from 0
 */
export function dealFolds(scenes: readonly LabelledScene[], folds: number): Map<string, number> {
  const keyed = scenes.map((scene) => ({ scene, key: randomKey('fold', scene.id) }));
  keyed.sort((a, b) => compare(a.scene.class, b.scene.class) || a.key[0] - b.key[0] || a.key[1] - b.key[1]);
  return new Map(keyed.map(({ scene }, rank) => [scene.id, rank % folds]));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
