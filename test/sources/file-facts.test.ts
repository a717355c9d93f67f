import { describe, expect, it } from 'vitest';
import { openCog } from '../../src/sources/open-cog.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { RecordingSource } from '../fakes/recording-source.ts';
import { buildTiff, plainFields, plainTiles, type TiffImage, type TiffOptions } from '../fakes/tiff-builder.ts';
import { parts } from '../setup/parts.ts';
import { sharedData } from '../shared-data.ts';

const { signal } = new AbortController();

async function facts(images: readonly TiffImage[], options: TiffOptions = {}) {
  return (await openCog(new RecordingSource(buildTiff(images, options)), 32_768, signal)).facts;
}

const plain = { fields: plainFields, tiles: plainTiles };
const withKeys = (GeoKeyDirectory: readonly number[], GeoAsciiParams: string) => ({
  fields: { ...plainFields, GeoKeyDirectory, GeoAsciiParams },
  tiles: plainTiles,
});

describe('fileFacts', () => {
  it('says how a file is made', async () => {
    expect(await facts([plain])).toEqual({
      format: 'TIFF',
      byteOrder: 'little-endian',
      storage: 'tiles',
      compression: 'none',
      samples: 'u8',
      interleave: 'pixel',
      nodata: null,
      masks: 0,
      crs: null,
      structure: null,
    });
  });

  it('tells BigTIFF, byte order, strips, planes, nodata and masks', async () => {
    const { TileWidth: _w, TileLength: _l, ...striped } = plainFields;
    const strips = [1, 2].map((value) => new Uint8Array(32 * 32).fill(value));
    const fields = { ...striped, SamplesPerPixel: 2, BitsPerSample: [8, 8], PlanarConfiguration: 2, GdalNodata: '-7 ' };
    const mask = { fields: { ...plainFields, NewSubfileType: 4 }, tiles: plainTiles };
    const overviewOfMask = { fields: { ...plainFields, NewSubfileType: 5 }, tiles: plainTiles };
    expect(
      await facts([{ fields, tiles: strips }, mask, overviewOfMask], { bigTiff: true, bigEndian: true }),
    ).toMatchObject({
      format: 'BigTIFF',
      byteOrder: 'big-endian',
      storage: 'strips',
      interleave: 'band',
      nodata: '-7',
      masks: 1,
    });
  });

  it.each([
    ['projected', [1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32633], '', { epsg: 32633, name: null }],
    ['geographic', [1, 1, 0, 2, 1024, 0, 1, 2, 2048, 0, 1, 4326], '', { epsg: 4326, name: null }],
    [
      'named, of a country whose datum we cannot follow',
      [1, 1, 0, 3, 1024, 0, 1, 1, 1026, 34737, 23, 0, 3072, 0, 1, 27700],
      'OSGB36 / British Grid|x',
      { epsg: 27700, name: 'OSGB36 / British Grid' },
    ],
    [
      'described by parameters',
      [1, 1, 0, 3, 1024, 0, 1, 1, 1026, 34737, 5, 0, 3072, 0, 1, 32767],
      'Mine|',
      { epsg: null, name: 'Mine' },
    ],
    [
      'cited without its separator',
      [1, 1, 0, 3, 1024, 0, 1, 1, 1026, 34737, 4, 0, 3072, 0, 1, 3857],
      'Mine|yours|',
      { epsg: 3857, name: 'Mine' },
    ],
    ['unstated', [1, 1, 0, 1, 1024, 0, 1, 1], '', null],
  ])('names a CRS that is %s', async (_, keys, text, crs) => {
    expect((await facts([withKeys(keys, text)])).crs).toEqual(crs);
  });
});

describe.skipIf(!parts.sharedData)('fileFacts, needs shared data', () => {
  it('reads what the writer of a COG promises', async () => {
    const cog = await openFile(sharedData('samples/naip-8192-rgb-jpeg.tif'), signal);
    expect(cog.facts).toMatchObject({
      compression: 'JPEG',
      crs: { epsg: 26911, name: 'NAD83 / UTM zone 11N' },
      structure: { LAYOUT: 'IFDS_BEFORE_DATA', BLOCK_LEADER: 'SIZE_AS_UINT4', KNOWN_INCOMPATIBLE_EDITION: 'NO' },
    });
    expect(cog.levels.map((_, level) => cog.tileBytes(level).length)).toEqual([256, 64, 16, 4, 1]);
  });
});
