import type { PixelArray, Raster } from '../../scene.ts';
import { rowByRow } from './row-by-row.ts';

/** Samples between two, both of them included. */
export type SampleRange = { readonly least: number; readonly most: number };

/** The samples that are taken for GDAL's nodata value. */
export type NodataRanges = readonly [near: SampleRange, far?: SampleRange];

/** What a file says of pixels without data. */
export type NoDataFacts = {
  /** A pixel whose bands all lie in these has no data. */
  readonly nodata: NodataRanges | undefined;
  /** The band that is transparency. */
  readonly alpha: number | undefined;
  /** Of the raster's size and one band: 0 where there is no data. */
  readonly mask: Raster | undefined;
};

/**
 * Decides which pixels of a raster have data: not those in tiles that were left out of the file (which the raster tells
 * already), nor those that the mask leaves out, that are transparent, whose colours all are taken for GDAL's nodata value
 * (tag 42113), or of which any colour is not a finite number.
 */
export async function markValid(raster: Raster, facts: NoDataFacts, signal: AbortSignal): Promise<Raster> {
  const { valid: stored, ...pixels } = raster;
  const { mask, alpha } = facts;
  const hasColour = colourTest(raster, facts);
  if (!(stored || mask || alpha !== undefined || hasColour)) return pixels;
  const { data, width, height, bands } = raster;
  const valid = new Uint8Array(width * height);
  await rowByRow(height, signal, (row) => {
    for (let pixel = row * width; pixel < (row + 1) * width; pixel += 1) {
      if (stored?.[pixel] === 0 || mask?.data[pixel] === 0) continue;
      if (alpha !== undefined && data[pixel * bands + alpha] === 0) continue;
      if (hasColour === undefined || hasColour(pixel)) valid[pixel] = 1;
    }
  });
  return valid.includes(0) ? { ...pixels, valid } : pixels;
}

const NOWHERE: SampleRange = { least: Infinity, most: -Infinity };

/** Undefined where every pixel has one. */
function colourTest({ data, bands }: Raster, { nodata, alpha }: NoDataFacts): ((pixel: number) => boolean) | undefined {
  const wholeNumbers = !isFloat(data);
  if (wholeNumbers && nodata === undefined) return undefined;
  const [near = NOWHERE, far = NOWHERE] = nodata ?? [];
  // By themselves: an overview has millions of samples.
  const [least, most, farLeast, farMost] = [near.least, near.most, far.least, far.most];
  return (pixel) => {
    let found = nodata === undefined;
    for (let band = 0; band < bands; band += 1) {
      if (band === alpha) continue;
      const sample = data[pixel * bands + band] as number;
      if (!(wholeNumbers || Number.isFinite(sample))) return false;
      found ||= (sample < least || sample > most) && (sample < farLeast || sample > farMost);
    }
    return found;
  };
}

function isFloat(data: PixelArray): boolean {
  return data instanceof Float32Array || data instanceof Float64Array;
}
