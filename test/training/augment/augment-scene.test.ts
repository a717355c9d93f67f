import { describe, expect, it } from 'vitest';
import { cellsWithData } from '../../../src/model/cells-with-data.ts';
import { gridGeometry } from '../../../src/model/geometry.ts';
import type { Window } from '../../../src/scene.ts';
import { cropRaster } from '../../../src/sources/rasters/crop-raster.ts';
import { augmentationSchema, augmentScene } from '../../../src/training/augment/augment-scene.ts';

const raster = { data: Uint8Array.from({ length: 64 }, (_, i) => i), width: 8, height: 8, bands: 1 };
const scene = {
  ...{ overview: raster, width: 8, height: 8 },
  patches: async (windows: readonly Window[]) => windows.map((window) => cropRaster(raster, window)),
};
const model = {
  bands: [{ name: 'grey', scale: 1, offset: 0 }],
  overview: { scale: 1, resampling: 'average' as const },
};
const all = augmentationSchema.parse({ turns: true, stops: 1, gain: 0.2, offset: 0.1, pan: 2, zoom: 0.2 });
const shown = (step: number, index: number, augmentation = all) =>
  augmentScene(scene, augmentation, { showing: { seed: 1, step, index }, model });

describe('augmentScene', () => {
  it('shows a scene as it is where nothing else is asked for', () => {
    expect(shown(3, 4, augmentationSchema.parse({}))).toBe(scene);
  });

  it('shows it in the same way for the same seed, step and place, and in many ways for others', () => {
    expect(shown(5, 6).overview).toEqual(shown(5, 6).overview);
    const ways = Array.from({ length: 100 }, (_, i) => Array.from(shown(i >> 3, i & 7).overview.data).join(' '));
    expect(new Set(ways).size).toBe(100);
  });

  it('takes each orientation about as often, and each move', () => {
    const first = (augmentation: Partial<typeof all>, count: number) => {
      const counts = new Map<number, number>();
      for (let i = 0; i < 800; i += 1) {
        const { overview } = shown(i, 0, augmentationSchema.parse(augmentation));
        const key = overview.data[9] as number; // differs between all orientations and moves of this raster
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      expect(counts.size).toBe(count);
      return Math.min(...counts.values());
    };
    expect(first({ turns: true }, 4)).toBeGreaterThan(150); // a pixel of the diagonal: two orientations leave it in place
    expect(first({ pan: 1 }, 9)).toBeGreaterThan(50);
  });

  it('is darker by up to as many stops as are asked for, each about as often', () => {
    const stops = Array.from({ length: 400 }, (_, step) => {
      const { overview } = shown(step, 0, augmentationSchema.parse({ stops: 2 }));
      return Math.log2((raster.data[63] as number) / (overview.data[63] as number));
    });
    expect(Math.min(...stops)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...stops)).toBeLessThanOrEqual(2);
    const counts = [0, 0.5, 1, 1.5].map((from) => stops.filter((stop) => stop >= from && stop < from + 0.5).length);
    for (const count of counts) expect(count).toBeGreaterThan(60);
  });

  it('leaves a scene in its place whose data would all be moved out of sight', () => {
    const valid = new Uint8Array(64);
    valid[0] = 1;
    const corner = { ...scene, overview: { ...raster, valid } };
    const pan = augmentationSchema.parse({ pan: 2 });
    const ways = Array.from({ length: 100 }, (_, step) =>
      augmentScene(corner, pan, { showing: { seed: 1, step, index: 0 }, model }),
    );
    expect(ways.every(({ overview }) => overview.valid?.includes(1))).toBe(true);
    expect(ways.filter((way) => way === corner).length).toBeGreaterThan(50); // 16 of 25 moves lose it, one is none
  });

  it('leaves a scene as it is whose data would all be moved, or turned, beside the cells of the attention network', () => {
    const axis = [{ kernel: 3, stride: 3, dilation: 1, padding: 'valid' as const }];
    const stack = { x: axis, y: axis }; // two cells an axis: the last two pixels are nobody's
    for (const column of [1, 4]) {
      const valid = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 === column ? 1 : 0));
      const strip = { ...scene, overview: { ...raster, valid } };
      for (const augmentation of [{ turns: true }, { pan: 3 }, { turns: true, pan: 3 }]) {
        const ways = Array.from({ length: 100 }, (_, step) =>
          augmentScene(strip, augmentationSchema.parse(augmentation), {
            ...{ showing: { seed: 1, step, index: 0 }, model, stack },
          }),
        );
        const cells = ways.map(({ overview }) => cellsWithData(gridGeometry(stack, overview), overview));
        expect(cells.every((own) => own.includes(1))).toBe(true);
        expect(ways.some((way) => way !== strip)).toBe(true);
      }
    }
  });
});
