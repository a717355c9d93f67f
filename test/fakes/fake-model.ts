import type { DrawSettings } from '../../src/model/estimators/draw.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { Draw, Model, Size, Verdict } from '../../src/model/model.ts';
import type { AttentionMap, Raster, Window } from '../../src/scene.ts';

const file = { path: 'x', sha256: '0'.repeat(64) };

export const fakeManifest: Manifest = {
  format: 1,
  features: { normalise: false, position: false },
  name: 'fake',
  version: '1',
  description: 'answers the same always',
  bands: ['red', 'green', 'blue'].map((name) => ({ name, scale: 1, offset: 0 })),
  metresPerPixel: 1,
  overview: { scale: 16, resampling: 'average' },
  patch: { size: 32 },
  classes: ['none', 'ship'],
  confidence: { nominal: 0.6, high: 0.9 },
  draw: { estimator: 'systematic', patches: 2 },
  attention: { smoothing: 0 },
  networks: { attention: file, feature: file, head: file },
  training: {
    command: '',
    dataset: { name: '', sha256: '', scenes: 0 },
    seed: 0,
    steps: 0,
    backend: '',
    validation: { scenes: 0, error: 0 },
  },
};

/** Attends evenly, looks at 32 × 32 windows along the diagonal, always says ship. */
export class FakeModel implements Omit<Model, 'field'> {
  readonly manifest = fakeManifest;
  readonly sha256 = 'a'.repeat(64);
  readonly backend = 'wasm';
  readonly device = { kind: 'cpu', name: 'fake' } as const;
  seen: { overview?: Raster; patches?: readonly Raster[] } = {};

  async attend(overview: Raster): Promise<AttentionMap> {
    this.seen.overview = overview;
    return { values: new Float32Array(16).fill(1 / 16), width: 4, height: 4 };
  }

  async look(patches: readonly Raster[], draw: Draw): Promise<Verdict> {
    this.seen.patches = patches;
    return { probabilities: [0.25, 0.75], standardError: 0.01, pulls: draw.cells.map(({ cell }) => cell / 10) };
  }

  windows(draw: Draw, _level: Size, _overview: Size): Window[] {
    return draw.cells.map(({ cell }) => ({ x: cell * 32, y: cell * 32, width: 32, height: 32 }));
  }

  usage() {
    return { tensors: 6, tensorBytes: 24, gpuBytes: undefined };
  }

  async close(): Promise<void> {}
}

/** Takes the first cells that have attention. */
export function drawFirst(attention: AttentionMap, { estimator, patches, seed }: DrawSettings): Draw {
  const drawn = [...attention.values.entries()].filter(([, share]) => share > 0).slice(0, patches);
  const cells = drawn.map(([cell, share]) => ({ cell, attention: share, coefficient: 1 }));
  return { estimator, seed, cells };
}
