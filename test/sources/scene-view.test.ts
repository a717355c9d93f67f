import { describe, expect, it } from 'vitest';
import { openCog } from '../../src/sources/open-cog.ts';
import { type ViewSettings, viewScene } from '../../src/sources/scene-view.ts';
import { FakeCog, level } from '../fakes/fake-scenes.ts';
import { RecordingSource } from '../fakes/recording-source.ts';
import { buildTiff, plainFields, plainTiles } from '../fakes/tiff-builder.ts';

const { signal } = new AbortController();

function settings(names: readonly string[], more: Partial<ViewSettings> = {}): ViewSettings {
  const bands = names.map((name) => ({ name }));
  return {
    ...{ bands, metresPerPixel: 1, overview: { scale: 4, resampling: 'average' as const }, patch: { size: 8 } },
    ...{ anyResolution: false, maxOverviewBytes: 10_000, ...more },
  };
}

const rgb = settings(['red', 'green', 'blue']);

describe('viewScene', () => {
  it('shows the bands that the model names, whatever else the file has', async () => {
    const named = Object.assign(new FakeCog([level(64, 64), level(16, 16)], 4), {
      bandNames: [[], ['blue'], ['green'], ['red']],
    });
    const view = await viewScene(named, rgb, signal);
    expect(view.overview.bands).toBe(3);
    expect([...view.overview.data.slice(0, 3)]).toEqual([3, 2, 1]);
    const [patch] = await view.read([{ x: 3, y: 4, width: 8, height: 8 }], signal);
    expect(patch?.data.slice(-3)).toEqual(Uint8Array.of(3, 2, 1));
  });

  it('believes what the message says of bands that the file does not name', async () => {
    const bandNames = [
      ['B04', 'red'],
      ['B03', 'green'],
      ['B02', 'blue'],
      ['B08', 'nir'],
    ];
    const cog = new FakeCog([level(64, 64), level(16, 16)], 4);
    const { overview } = await viewScene(cog, settings(['nir', 'red'], { bandNames }), signal);
    expect([...overview.data.slice(0, 2)]).toEqual([3, 0]);
    await expect(viewScene(cog, settings(['swir'], { bandNames }), signal)).rejects.toMatchObject({
      code: 'scene.unsuitable',
      message: 'the model needs the bands swir; the scene has b04 or red, b03 or green, b02 or blue, b08 or nir',
    });
  });

  it('refuses values that the type of the training scenes cannot hold, where that is known', async () => {
    const times = (factor: number, valid?: Uint8Array) => {
      const cog = new FakeCog([level(64, 64), level(16, 16)]);
      const read = cog.read.bind(cog);
      cog.read = async (at, windows) =>
        (await read(at, windows)).map((raster) => ({
          ...{ ...raster, data: Uint16Array.from(raster.data, (value) => factor * value) },
          ...(valid && { valid }),
        }));
      return cog;
    };
    const shown = { overview: { bands: 3 } };
    const trained = { ...rgb, dataType: 'uint8' as const };
    await expect(viewScene(times(127), trained, signal)).resolves.toMatchObject(shown);
    await expect(viewScene(times(128), { ...rgb, dataType: 'uint16' }, signal)).resolves.toMatchObject(shown);
    await expect(viewScene(times(128), rgb, signal)).resolves.toMatchObject(shown);
    await expect(viewScene(times(128, new Uint8Array(256)), trained, signal)).resolves.toMatchObject(shown);
    await expect(viewScene(times(128), trained, signal)).rejects.toMatchObject({
      code: 'scene.unsuitable',
      message: 'the model was trained on 0 to 255 (uint8); the scene has uint16 with 256',
    });
  });

  it('reads a small scene without an overview of use once, whole, and cuts the patches from it', async () => {
    const cog = new FakeCog([level(40, 32), level(13, 11)]);
    const view = await viewScene(cog, rgb, signal);
    expect(view.levels).toEqual({ patches: 0, overview: 0, factor: 4 });
    expect(view.overview).toMatchObject({ width: 10, height: 8 });
    const [patch] = await view.read([{ x: 32, y: 24, width: 8, height: 8 }], signal);
    expect(patch).toMatchObject({ width: 8, height: 8, bands: 3 });
    expect(cog.reads).toEqual([{ level: 0, windows: [{ x: 0, y: 0, width: 40, height: 32 }] }]);
  });

  it('refuses a large one, with the numbers, before it reads', async () => {
    const cog = new FakeCog([level(100, 100)]);
    await expect(viewScene(cog, rgb, signal)).rejects.toMatchObject({
      code: 'scene.unsuitable',
      message: expect.stringContaining('100 × 100 pixels of 3 bands, 30000 bytes, to be averaged by 4'),
    });
    expect(cog.reads).toEqual([]);
  });

  it('tells of overview and patches alike which pixels have data', async () => {
    const tiles = [...plainTiles.slice(0, 3), null];
    const cog = await openCog(
      new RecordingSource(buildTiff([{ fields: { ...plainFields, GdalNodata: '3' }, tiles }])),
      32_768,
      signal,
    );
    const view = await viewScene(cog, settings(['grey'], { overview: { scale: 16, resampling: 'average' } }), signal);
    expect(view.overview).toEqual({
      ...{ data: Uint8Array.of(1, 2, 0, 0), width: 2, height: 2, bands: 1 },
      valid: Uint8Array.of(1, 1, 0, 0),
    });
    const windows = [
      { x: 0, y: 0, width: 32, height: 8 },
      { x: 12, y: 15, width: 8, height: 2 },
    ];
    const [above, across] = await view.read(windows, signal);
    expect(above?.valid ?? new Uint8Array(256).fill(1)).toEqual(new Uint8Array(256).fill(1));
    expect(across?.valid).toEqual(Uint8Array.from([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
  });
});
