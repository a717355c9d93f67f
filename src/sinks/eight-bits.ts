import type { Raster } from '../scene.ts';

/** Samples that the range is taken from; more would not move it. */
const MOST_SAMPLES = 100_000;
/** Share of the samples at either end that a picture may lose, so that a single glint does not make all else black. */
const LOST = 0.02;

/**
 * Rasters that are to be seen beside one another, as 8 bits. Those of 8 bits stay as they are; of others the range of
 * most samples, of all rasters together, becomes black to white.
 */
export function eightBits(rasters: readonly Raster[]): Raster[] {
  if (rasters.every(({ data }) => data instanceof Uint8Array)) return [...rasters];
  const [black, white] = rangeOf(rasters);
  const scale = white > black ? 255 / (white - black) : 0;
  return rasters.map((raster) => ({
    ...raster,
    data: Uint8Array.from(raster.data, (value) => Math.max(0, Math.min(255, scale * (value - black)))),
  }));
}

function rangeOf(rasters: readonly Raster[]): readonly [number, number] {
  const step = Math.ceil(rasters.reduce((sum, { data }) => sum + data.length, 0) / MOST_SAMPLES);
  const samples: number[] = [];
  for (const { data, bands, valid } of rasters)
    for (let n = 0; n < data.length; n += step) {
      const value = data[n] as number; // an index of its own
      if (Number.isFinite(value) && valid?.[Math.floor(n / bands)] !== 0) samples.push(value);
    }
  samples.sort((a, b) => a - b);
  const at = (share: number) => samples[Math.round(share * (samples.length - 1))] ?? 0;
  return [at(LOST), at(1 - LOST)];
}
