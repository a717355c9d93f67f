import { SceneError } from '../../errors.ts';
import type { NodataRanges, SampleRange } from '../rasters/mark-valid.ts';
import type { SampleType } from './layout.ts';

/**
 * What GDAL's nodata value (tag 42113) means for samples of a type: what is read where a tile was left out, and which
 * samples GDAL takes for it. These are not always one, nor the same: whole numbers are filled with the value rounded, but
 * compared with it cut off behind the point, and floating point is compared by `ARE_REAL_EQUAL` of gdal_priv.h, to which
 * neighbours of the value are equal to it.
 * @throws {SceneError} `cog.unsupported` for words that are no number
 */
export function readNodata(
  text: string | undefined,
  samples: SampleType,
): { readonly fill: number; readonly nodata: NodataRanges | undefined } {
  const value = nodataValue(text);
  if (value === undefined) return { fill: 0, nodata: undefined };
  if (samples.startsWith('f')) {
    return { fill: value, nodata: floatRanges(value, samples === 'f64' ? double : single) };
  }
  return { fill: fillValue(value, samples), nodata: wholeRange(value, samples) };
}

/**
 * GDAL's nodata value, which is a number in words; older ones of Windows have their own for what is none.
 * @throws {SceneError} `cog.unsupported` for other words: GDAL reads a number from their beginning
 */
function nodataValue(text: string | undefined): number | undefined {
  const words = text?.trim().toLowerCase();
  if (!words) return undefined;
  if (/^[+-]?(nan|1\.#(ind|[qs]nan))/.test(words)) return Number.NaN;
  if (/^[+-]?(inf(inity)?|1\.#inf)$/.test(words)) return words.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(words)) return Number(words);
  throw new SceneError('cog.unsupported', `nodata that is no number: ${JSON.stringify(words.slice(0, 40))}`);
}

/** A value brought into the range of whole numbers. */
function fillValue(value: number, samples: SampleType): number {
  const { least, most } = limits(samples);
  return Number.isNaN(value) ? 0 : Math.min(most, Math.max(least, Math.sign(value) * Math.round(Math.abs(value))));
}

/** What GDAL makes of whole numbers to compare them: a value that this cannot hold is none, one that the samples cannot hold is never found. */
const compared: Partial<Record<SampleType, SampleType>> = { u1: 'u8', i8: 'i32', u16: 'u32', i16: 'i32' };

function wholeRange(value: number, samples: SampleType): NodataRanges | undefined {
  const whole = Math.trunc(value);
  const known = isWithin(value, limits(compared[samples] ?? samples)) && isWithin(whole, limits(samples));
  return known ? [{ least: whole, most: whole }] : undefined;
}

function isWithin(value: number, { least, most }: SampleRange): boolean {
  return value >= least && value <= most;
}

function limits(samples: SampleType): SampleRange {
  const bits = Number(samples.slice(1));
  return samples.startsWith('u')
    ? { least: 0, most: 2 ** bits - 1 }
    : { least: -(2 ** (bits - 1)), most: 2 ** (bits - 1) - 1 };
}

/** In which samples are stored and compared; numbers of half precision in single. */
type Precision = { readonly round: (value: number) => number; readonly largest: number };

const single: Precision = { round: Math.fround, largest: 2 ** 128 - 2 ** 104 };
const double: Precision = { round: (value) => value, largest: Number.MAX_VALUE };

/** That of single precision, by which GDAL compares numbers of double precision as well. */
const EPSILON = 2 ** -23;

function floatRanges(value: number, precision: Precision): NodataRanges | undefined {
  const nodata = precision.round(value);
  if (!Number.isFinite(nodata)) return undefined; // such samples have no data, whatever the file says
  const size = Math.abs(nodata);
  const [near, far] = [nearRange(size, precision), farRange(size, precision)];
  if (nodata < 0) return far ? [mirrored(near), mirrored(far)] : [mirrored(near)];
  return far ? [near, far] : [near];
}

/** Samples a for which |a − b| < 2ε·|a + b|, as computed in their precision; of b, which is not negative, itself in any case. */
function nearRange(b: number, { round }: Precision): SampleRange {
  // Of large numbers by quarters, which are as exact: sums that go beyond all numbers are another matter.
  const scale = b > 1 ? 0.25 : 1;
  const centre = b * scale;
  const isNear = (a: number) => round(Math.abs(a - centre)) < 2 * round(EPSILON * round(a + centre));
  const most = edge(centre, round(centre * (1 + 8 * EPSILON)), isNear, round);
  const least = edge(centre, round(centre * (1 - 8 * EPSILON)), isNear, round);
  return { least: least / scale, most: most / scale };
}

/** Samples whose sum with b goes beyond all numbers: to GDAL any difference is less than that. */
function farRange(b: number, { round, largest }: Precision): SampleRange | undefined {
  const isBeyond = (a: number) => round(a + b) === Infinity;
  return isBeyond(largest) ? { least: edge(largest, 0, isBeyond, round), most: largest } : undefined;
}

/** The last number on the way from one for which something holds to one for which it does not, for which it still does. */
function edge(holds: number, not: number, test: (a: number) => boolean, round: Precision['round']): number {
  const middle = round(not + (holds - not) / 2);
  if (middle === holds || middle === not) return holds;
  return test(middle) ? edge(middle, not, test, round) : edge(holds, middle, test, round);
}

function mirrored({ least, most }: SampleRange): SampleRange {
  return { least: -most, most: -least };
}
