import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PixelArray } from '../../../src/scene.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { lots } from '../../../src/training/lots.ts';
import { buildTiff, plainFields } from '../../fakes/tiff-builder.ts';
import { gdalPixels } from '../../setup/gdal.ts';
import { parts } from '../../setup/parts.ts';

const { signal } = new AbortController();

const kinds = {
  u8: { SampleFormat: 1, of: Uint8Array },
  u16: { SampleFormat: 1, of: Uint16Array },
  u32: { SampleFormat: 1, of: Uint32Array },
  i16: { SampleFormat: 2, of: Int16Array },
  i32: { SampleFormat: 2, of: Int32Array },
  f32: { SampleFormat: 3, of: Float32Array },
  f64: { SampleFormat: 3, of: Float64Array },
} as const;
type Kind = keyof typeof kinds;

/** What is in the tag, and samples of a pixel each, of which some are taken for it. */
const wholeNumbers: readonly (readonly [Kind, string, readonly number[]])[] = [
  ['u8', '254.9999', [253, 254, 255]],
  ['u8', '255.4', [254, 255]],
  ['u8', '-0.4', [0, 255]],
  ['u8', '256', [0, 255]],
  ['u16', '65535.5', [0, 65534, 65535]],
  ['u16', '65536', [0, 65535]],
  ['u16', '-0.4', [0, 65535]],
  ['u32', '4294967295', [0, 4294967294, 4294967295]],
  ['u32', '4294967295.5', [0, 4294967295]],
  ['i16', '-9999.9', [-10000, -9999, -9998]],
  ['i16', '-32768.9', [-32768, 32767]],
  ['i16', '-0.9', [-1, 0, 1]],
  ['i16', '65535', [-1, 32767]],
  ['i32', '-2147483647.9', [-2147483648, -2147483647]],
  ['i32', '-2147483648.5', [-2147483648, 2147483647]],
];

/** What files have: longest and shortest numbers, as many digits as one fancied; and what is next to a border. */
const words = [
  ...[
    '0',
    '-0.0',
    '0.1',
    '-9999',
    '-9999.9',
    '-9999.8999',
    '1',
    '255',
    '3.14e-30',
    '-1.17549435e-38',
    '4e-39',
    '1e-45',
  ],
  ...['-3.40282306073709653e+38', '-3.4028234663852886e+38', '-3.40282e+38', '-3.4028235e+38', '-3.4028236e+38'],
  ...['9.969209968386869e+36', '1e+20', '1.5e+31', '1e38', '1.7014117e38', '1.7014120e38', '2e38', '1e300', '1e308'],
  ...['-1.79769313486232e+308', '-1.79769313486231e+308', '8.98846567431157e+307', '2.2250738585072014e-308', '5e-324'],
];

/** Neighbours, those some of them further, what lies in their order of magnitude, and the largest. */
function around(text: string, of: typeof Float32Array | typeof Float64Array): number[] {
  const { between, whole } = lots('nodata', text);
  const [nodata = 0] = new of([Number(text)]);
  const near = Array.from({ length: 60 }, (_, i) => nodata * (1 + (i - 30) * 2 ** -24));
  const edges = Array.from({ length: 60 }, () => nodata * (1 + between(-1, 1) * 2 ** -20));
  const even = Array.from({ length: 40 }, () => nodata * between(0, 1) * 2 ** whole(-4, 4));
  const largest = new of([3.4028234663852886e38, 3.4028232635611926e38, 3.3e38, 1.7e38, 1e38, 1e32, 1e31, 1e30]);
  const wide = [Number.MAX_VALUE, 1.7e308, 9e307, 8e307, 1e300, 1e292, 1e291].filter(
    (value) => new of([value])[0] === value,
  );
  const all = [nodata, 0, 5e-324, ...near, ...edges, ...even, ...largest, ...wide].flatMap((value) => [value, -value]);
  return [...new of(all)].filter(Number.isFinite).slice(0, 1024);
}

const numbers = (['f32', 'f64'] as const).flatMap((kind) =>
  words.map((text) => [kind, text, around(text, kinds[kind].of)] as const),
);

describe.skipIf(!parts.gdal)('nodata, needs gdal', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-nodata-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([...wholeNumbers, ...numbers])(
    'of %s that is written %s is what it is to GDAL',
    async (kind, text, samples) => {
      const path = join(folder, 'nodata.tif');
      await writeFile(path, file(kind, text, samples));
      const cog = await openFile(path, signal);
      const [raster] = await cog.read(0, [{ x: 0, y: 0, width: 32, height: 32 }], signal);
      const mask = await gdalPixels(path, { band: 'mask,1' });
      const ours = samples.filter((_, pixel) => raster?.valid?.[pixel] === 0);
      expect(ours).toEqual(samples.filter((_, pixel) => mask[pixel] === 0));
    },
  );
});

/** One tile of 32 × 32, first of all these samples. */
function file(kind: Kind, GdalNodata: string, samples: readonly number[]): Buffer {
  const { of, SampleFormat } = kinds[kind];
  const pixels: PixelArray = new of(1024);
  pixels.set(samples);
  const BitsPerSample = 8 * of.BYTES_PER_ELEMENT;
  const fields = { ...plainFields, TileWidth: 32, TileLength: 32, BitsPerSample, SampleFormat, GdalNodata };
  return buildTiff([{ fields, tiles: [new Uint8Array(pixels.buffer)] }]);
}
