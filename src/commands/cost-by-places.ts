import type { EstimatorName } from '../model/estimators/estimator-name.ts';
import { errorOf, quantile } from '../training/evaluation.ts';
import type { GlanceSettings } from '../training/glance.ts';
import type { LabelledScene } from '../training/labels.ts';
import { tensorPeak } from '../training/tensor-peak.ts';
import { type ValidationParts, validate } from '../training/validate.ts';

/**
 * What an answer costs, and how good it is, against the number of places looked at, up to all of them: the exact forward
 * pass (tables 1 and 2 and figure 2 of the paper). Time is from the file to the answer, the median over the scenes;
 * memory is the most bytes of tensors at once in the first scene, weights included.
 */
export type CostRow = {
  /** `all`: every cell, each with its own attention. */
  readonly places: number | 'all';
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
 * @param cells of the first scene's attention map
 */
export async function costByPlaces(
  scenes: readonly LabelledScene[],
  cells: number,
  parts: GlanceSettings & ValidationParts,
): Promise<CostRow[]> {
  const counts = COUNTS.filter((count) => count <= cells);
  const rows: CostRow[] = [];
  for (const patches of counts) rows.push({ places: patches, ...(await costOf(scenes, { ...parts, patches })) });
  const exact: EstimatorName = 'all';
  if (cells <= MOST_CELLS) rows.push({ places: 'all', ...(await costOf(scenes, { ...parts, estimator: exact })) });
  return rows;
}

/** Memory is looked at apart, since that slows what it watches; it warms up besides. */
async function costOf(scenes: readonly LabelledScene[], parts: GlanceSettings & ValidationParts) {
  const { bytes } = await tensorPeak(() => validate(scenes.slice(0, 1), parts));
  const judged = await validate(scenes, parts);
  const seconds = quantile(
    judged.map((one) => one.seconds),
    0.5,
  );
  return { scenes: judged.length, error: errorOf(judged), seconds, tensorBytes: bytes };
}
