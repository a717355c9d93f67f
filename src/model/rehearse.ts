import type { AttentionMap, Raster } from '../scene.ts';
import { draw } from './estimators/draw.ts';
import type { Manifest } from './manifest.ts';
import type { Draw, Verdict } from './model.ts';

/** A model at work, in this thread or in others. */
export type ComputingModel = {
  attend(overview: Raster): Promise<AttentionMap>;
  look(patches: readonly Raster[], draw: Draw): Promise<Verdict>;
};

/** Side of the overview, as of a scene of 4096 × 4096 pixels at an overview scale of 16. */
export const REHEARSED_OVERVIEW = 256;

/**
 * All that is computed for one scene, on black pixels: shows that networks, manifest and backend go together, and how
 * long it takes.
 * @throws {Error} when they do not
 */
export async function rehearse(networks: ComputingModel, manifest: Manifest): Promise<Verdict> {
  const { bands, classes, draw: settings, patch } = manifest;
  const attention = await networks.attend(black(REHEARSED_OVERVIEW, bands.length));
  const drawn = draw(attention, { ...settings, seed: 0, key: ['rehearsal'] });
  const patches = drawn.cells.map(() => black(patch.size, bands.length));
  const verdict = await networks.look(patches, drawn);
  const { probabilities } = verdict;
  if (probabilities.length === classes.length && probabilities.every(Number.isFinite)) return verdict;
  throw new Error(`the networks answer ${probabilities.join(', ')} where the classes are ${classes.join(', ')}`);
}

function black(side: number, bands: number): Raster {
  return { data: new Uint8Array(side * side * bands), width: side, height: side, bands, centre: [0.5, 0.5] };
}
