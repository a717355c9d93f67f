import { describe, expect, it } from 'vitest';
import type { Raster } from '../../src/scene.ts';
import { type Experiment, readExperiment } from '../../src/training/experiment.ts';
import { showScenes } from '../../src/training/prepare-batch.ts';
import { storedScene } from '../fakes/stored-scene.ts';

const axis = [{ kernel: 3, stride: 3, dilation: 1, padding: 'valid' as const }];
const stack = { x: axis, y: axis }; // ten cells on 32 pixels: the last two are nobody's

/** 32 × 32 pixels of which one column has data. */
function strip(column: number): Raster {
  const valid = Uint8Array.from({ length: 32 * 32 }, (_, i) => (i % 32 === column ? 1 : 0));
  return { data: new Uint8Array(32 * 32), width: 32, height: 32, bands: 1, valid };
}

async function panned(pan: number): Promise<Experiment> {
  const { model, training } = await readExperiment('experiments/harbour.yaml');
  const stages = [{ dataset: 'data', steps: 200, learningRate: 1 }];
  const augmentation = { turns: false, stops: 0, gain: 0, offset: 0, pan, zoom: 0 };
  return {
    model: { ...model, bands: [{ name: 'grey', scale: 1, offset: 0 }] },
    training: { ...training, stages, augmentation, batch: 1 },
  };
}

describe('showScenes', () => {
  const datasets = new Map([['data', [{ id: 'a', path: 'a.tif', class: 'none' }]]]);
  const shown = async (overview: Raster, { pan, step }: { pan: number; step: number }) => {
    const store = { load: async () => storedScene(overview, overview) };
    return showScenes(await panned(pan), datasets, { store, stack, step });
  };

  it('shows a scene that is moved with data in a cell at every step', async () => {
    const columns = new Set<number>();
    for (let step = 0; step < 200; step += 1) {
      const [scene] = (await shown(strip(26), { pan: 8, step }))?.scenes ?? [];
      columns.add(scene?.overview.valid?.indexOf(1) ?? -1);
    }
    const seen = [...columns].map((first) => first % 32);
    expect(Math.max(...seen)).toBeLessThan(30);
    expect(new Set(seen).size).toBe(12); // 8 to the left, 3 to the right, or none: further right is nobody's
  });

  it('names the scene that has data in no cell, or is too small to have one', async () => {
    await expect(shown(strip(31), { pan: 0, step: 0 })).rejects.toMatchObject({
      code: 'scene.unsuitable',
      message: 'a.tif: no place in the scene has data',
    });
    const small = { data: new Uint8Array(4), width: 2, height: 2, bands: 1 };
    await expect(shown(small, { pan: 0, step: 0 })).rejects.toMatchObject({
      code: 'scene.unsuitable',
      message: expect.stringMatching(/^a\.tif: the scene is too small/),
    });
  });
});
