import { describe, expect, it } from 'vitest';
import { markValid, type NoDataFacts } from '../../../src/sources/rasters/mark-valid.ts';

const nothing: NoDataFacts = { nodata: undefined, alpha: undefined, mask: undefined };
const row = (data: Uint8Array | Float32Array, bands: number, valid?: Uint8Array) => {
  const raster = { data, width: data.length / bands, height: 1, bands };
  return valid ? { ...raster, valid } : raster;
};
const only = (value: number) => [{ least: value, most: value }] as const;
const { signal } = new AbortController();
const valid = async (raster: ReturnType<typeof row>, facts: Partial<NoDataFacts>) =>
  (await markValid(raster, { ...nothing, ...facts }, signal)).valid;

describe('markValid', () => {
  it('says nothing where every pixel has data', async () => {
    expect(await valid(row(Uint8Array.of(0, 1), 1), {})).toBeUndefined();
    expect(await valid(row(Uint8Array.of(0, 1), 1), { nodata: only(7) })).toBeUndefined();
    expect(await valid(row(Uint8Array.of(0, 1), 1, Uint8Array.of(1, 1)), {})).toBeUndefined();
  });

  it('takes a pixel to be without data only if all its bands hold nodata', async () => {
    expect(await valid(row(Uint8Array.of(0, 0, 0, 5, 5, 0, 5, 5), 2), { nodata: only(0) })).toEqual(
      Uint8Array.of(0, 1, 1, 1),
    );
  });

  it('takes a pixel to be without data if any of its bands is not a finite number', async () => {
    const raster = row(Float32Array.of(1, Number.NaN, 2, 3, Number.POSITIVE_INFINITY, 4, -9999, -9999), 2);
    expect(await valid(raster, {})).toEqual(Uint8Array.of(0, 1, 0, 1));
    expect(await valid(raster, { nodata: only(-9999) })).toEqual(Uint8Array.of(0, 1, 0, 0));
  });

  it('takes all that lies in either range for nodata, with its ends', async () => {
    const nodata = [
      { least: 2, most: 3 },
      { least: 6, most: 7 },
    ] as const;
    expect(await valid(row(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 1), { nodata })).toEqual(
      Uint8Array.of(1, 0, 0, 1, 1, 0, 0, 1),
    );
  });

  it('takes transparent pixels to be without data, and alpha for no colour', async () => {
    expect(await valid(row(Uint8Array.of(9, 0, 9, 1, 0, 255), 2), { alpha: 1 })).toEqual(Uint8Array.of(0, 1, 1));
    expect(await valid(row(Uint8Array.of(9, 0, 9, 1, 0, 255), 2), { alpha: 1, nodata: only(0) })).toEqual(
      Uint8Array.of(0, 1, 0),
    );
  });

  it('takes a mask at its word, and what was never stored', async () => {
    const mask = { data: Uint8Array.of(1, 0, 255), width: 3, height: 1, bands: 1 };
    const raster = row(Uint8Array.of(1, 2, 3), 1, Uint8Array.of(1, 1, 0));
    expect(await valid(raster, { mask })).toEqual(Uint8Array.of(1, 0, 0));
  });
});
