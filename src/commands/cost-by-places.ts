import type { EstimatorName } from '../model/estimators/estimator-name.ts';
import { errorOf, quantile } from '../training/evaluation.ts';
import type { GlanceSettings } from '../training/glance.ts';
import type { LabelledScene } from '../training/labels.ts';
import { tensorPeak } from '../training/tensor-peak.ts';
import { type Seen, type ValidationParts, validate } from '../training/validate.ts';

/**
 * What an answer costs, and how good it is, against the number of places looked at, up to all of them: the exact forward
 * pass (tables 1 and 2 and figure 2 of the paper). Time is from the file to the answer, the median over the scenes;
 * memory is the most bytes of tensors at once in the scene of the most places, weights included.
 */
export type CostRow = {
  /** `all`: every cell, each with its own attention. */
  readonly places: number | 'all';
  /** Whether every scene was looked at in as many; else some have fewer. */
  readonly asAsked: boolean;
  readonly scenes: number;
  readonly error: number;
  readonly seconds: number;
  readonly tensorBytes: number;
};

/** The exact pass holds the patches of all cells at once; beyond so many it is not run. */
export const MOST_CELLS = 1100;

const COUNTS = [5, 10, 25, 50, 100] as const;

/**
 * @param scenes at least one
 * @param cells of each scene's attention map
 */
export async function costByPlaces(
  scenes: readonly LabelledScene[],
  cells: readonly number[],
  parts: GlanceSettings & ValidationParts,
): Promise<CostRow[]> {
  const most = Math.max(...cells);
  const largest = scenes[cells.indexOf(most)] as LabelledScene; // one count a scene
  const exact: EstimatorName = 'all';
  // Of an estimator that asks for all places, whatever their number, every row would be the exact pass.
  const counts = parts.estimator === exact ? [] : COUNTS.filter((count) => count <= most);
  const rows: CostRow[] = [];
  const cost = (changes: Partial<GlanceSettings>) => costOf(scenes, largest, { ...parts, ...changes });
  for (const patches of counts) rows.push({ places: patches, ...(await cost({ patches })) });
  if (most <= MOST_CELLS) rows.push({ places: 'all', ...(await cost({ estimator: exact })) });
  return rows;
}

/** Memory is looked at apart, since that slows what it watches; it warms up besides. */
async function costOf(
  scenes: readonly LabelledScene[],
  largest: LabelledScene,
  parts: GlanceSettings & ValidationParts,
) {
  const { bytes } = await tensorPeak(() => validate([largest], parts));
  const places: number[] = [];
  const onJudged = (_: unknown, { windows }: Seen) => void places.push(windows.length);
  const judged = await validate(scenes, { ...parts, onJudged });
  const seconds = quantile(
    judged.map((one) => one.seconds),
    0.5,
  );
  const asAsked = lookedAsAsked(parts, places);
  return { asAsked, scenes: judged.length, error: errorOf(judged), seconds, tensorBytes: bytes };
}

/**
 * Whether each scene was looked at in as many places as were asked for, which takes as many cells with attention. The
 * estimator that takes all places there are does not ask how many are wanted.
 * @param places of each scene
 */
export function lookedAsAsked({ estimator, patches }: DrawnPlaces, places: readonly number[]): boolean {
  return estimator !== 'all' && places.every((count) => count === patches);
}

type DrawnPlaces = Pick<GlanceSettings, 'estimator' | 'patches'>;
