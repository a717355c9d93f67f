import type { Parts, PipelineSettings } from '../../src/pipeline/classify-scenes.ts';
import type { Raster, Window } from '../../src/scene.ts';
import type { Cog } from '../../src/sources/cog.ts';
import type { SceneView } from '../../src/sources/scene-view.ts';
import { FakeModel } from '../../test/fakes/fake-model.ts';
import { FakeCog } from '../../test/fakes/fake-scenes.ts';

/**
 * A pipeline whose stages do nothing: a file that is there at once, networks that always say the same. What is left is
 * what the stream itself costs.
 */
const raster = (width: number): Raster => ({ data: new Uint8Array(width * width * 3), width, height: width, bands: 3 });
const overview = raster(64);
const patch = raster(32);
const patches = async (): Promise<Raster[]> => [patch, patch];
const levels: SceneView['levels'] = { overview: 1, patches: 0, factor: 1 };
const attention = { values: new Float32Array(16).fill(1 / 16), width: 4, height: 4 };

class NoOpModel extends FakeModel {
  override attend = async () => attention;
  override look = async () => verdict;
  override windows = () => windows;
}

/** What it tells of itself is made once: a real file's header is kept, and its footprint computed, by the reader. */
class NoOpCog extends FakeCog {
  readonly #footprint = super.footprint(0, windows[0]);
  readonly #tileBytes = super.tileBytes(0);
  override footprint = () => this.#footprint;
  override tileBytes = () => this.#tileBytes;
}

const windows = [0, 32].map((at) => ({ x: at, y: at, width: 32, height: 32 })) as [Window, Window];
const verdict = { probabilities: [0.25, 0.75], standardError: 0.01, pulls: [0, 0.1] };
const cog = new NoOpCog();

export const noOpParts: Pick<Parts, 'reader' | 'model' | 'draw'> = {
  reader: {
    open: async (): Promise<Cog> => cog,
    view: async (cog): Promise<SceneView> => ({ cog, levels, overview, read: patches }),
  },
  model: new NoOpModel(),
  draw: (_, { estimator, seed }) => ({ estimator, seed, cells: drawn }),
};

const drawn = [0, 1].map((cell) => ({ cell, attention: 1 / 16, coefficient: 1 }));

export const noOpSettings: PipelineSettings = {
  lanes: 512,
  seed: 0,
  anyResolution: true,
  maxOverviewBytes: 1_000_000,
  deadlineSeconds: { open: 60, attend: 60, fetch: 60, look: 60 },
  budget: { seconds: 900 },
  retry: { attempts: 1, baseSeconds: 1, maxSeconds: 1 },
};
