import type { Raster } from '../scene.ts';

/**
 * Where the pixels of one line lie on another: between which two of its pixels, how far on from the first's centre to the
 * second's, and whether on that line at all (1 or 0).
 */
export type Between = {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float64Array;
  readonly inside: Uint8Array;
};

/** Of which line: where its pixels begin, how far it is from one to the next, and how many pixels there are to look at. */
type Line = { readonly start: number; readonly step: number; readonly of: number };

export function between(pixels: number, { start, step, of }: Line): Between {
  const places = Float64Array.from({ length: pixels }, (_, i) => start + (i + 0.5) * step);
  const centres = places.map((place) => Math.min(Math.max(place - 0.5, 0), of - 1));
  const first = Int32Array.from(centres, Math.floor);
  return {
    first,
    second: first.map((one) => Math.min(one + 1, of - 1)),
    share: centres.map((centre, i) => centre - (first[i] as number)),
    inside: Uint8Array.from(places, (place) => (place >= 0 && place <= of ? 1 : 0)),
  };
}

export type Axes = { readonly columns: Between; readonly rows: Between };

/**
 * Interpolates (bilinear) every sample between the four that lie around it, rounded where the samples' type is a whole one.
 * What has no data is interpolated like all else: it is for the caller to say what that is worth.
 * @param into one sample a band for each column of each row
 */
export function interpolate(source: Raster, { columns, rows }: Axes, into: Raster['data']): void {
  const whole = !(into instanceof Float32Array || into instanceof Float64Array);
  const across = rowInterpolator(source, columns);
  const length = columns.first.length * source.bands;
  const samples = new Float64Array(length); // loops are over one type alone: over two they take three times as long
  for (const [row, share] of rows.share.entries()) {
    const [upper, lower] = [across(rows.first[row] as number), across(rows.second[row] as number)];
    for (let i = 0; i < length; i += 1)
      samples[i] = (upper[i] as number) + ((lower[i] as number) - (upper[i] as number)) * share;
    if (whole) for (let i = 0; i < length; i += 1) samples[i] = Math.round(samples[i] as number);
    into.set(samples, row * length);
  }
}

/** Rows interpolated along themselves. Each is asked for several times, in rising order and by twos: the last two are kept. */
function rowInterpolator({ data, width, bands }: Raster, columns: Between): (row: number) => Float64Array {
  const length = columns.first.length * bands;
  const [left, right] = [columns.first, columns.second].map((line) => samplesOf(line, bands)) as [
    Int32Array,
    Int32Array,
  ];
  const share = Float64Array.from({ length }, (_, i) => columns.share[Math.floor(i / bands)] as number);
  const kept = [0, 1].map(() => ({ row: -1, samples: new Float64Array(length) }));
  const line = new Float64Array(width * bands);
  return (row) => {
    const own = kept[row % 2] as (typeof kept)[number];
    if (own.row === row) return own.samples;
    line.set(data.subarray(row * line.length, (row + 1) * line.length));
    for (let i = 0; i < length; i += 1) {
      const before = line[left[i] as number] as number;
      own.samples[i] = before + ((line[right[i] as number] as number) - before) * (share[i] as number);
    }
    own.row = row;
    return own.samples;
  };
}

function samplesOf(pixels: Int32Array, bands: number): Int32Array {
  return Int32Array.from({ length: pixels.length * bands }, (_, i) => {
    const band = i % bands;
    return (pixels[(i - band) / bands] as number) * bands + band;
  });
}
