/**
 * The resolutions of a scene, made strip by strip: a strip is one row of tiles. Each overview is the exact 2×2 average
 * of the next finer resolution (to the nearest integer, halves up); at odd sizes the last row or column is repeated.
 */
export type Size = { readonly width: number; readonly height: number };

/** A row of tiles of one level: interleaved by pixel, `height` rows of `width` pixels. */
export type Strip = Size & { readonly level: number; readonly index: number; readonly pixels: Uint8Array };

/** Overviews go down to this factor at least: the models' overview is 16 times coarser than the scene. */
const COARSEST_AT_LEAST = 16;

/** Full resolution first; down to 1/16, and on until one tile holds a level. */
export function levelSizes({ width, height }: Size, tileSize: number): Size[] {
  const sizes = [{ width, height }];
  for (let factor = 2, { width: w, height: h } = { width, height }; ; factor *= 2) {
    if (factor > COARSEST_AT_LEAST && Math.max(w, h) <= tileSize) return sizes;
    [w, h] = [Math.ceil(w / 2), Math.ceil(h / 2)];
    sizes.push({ width: w, height: h });
  }
}

/**
 * Takes the strips of full resolution from top to bottom, hands on the strips of every level as they are complete.
 * A strip's pixels are overwritten by later ones: they must be used before `finished` returns.
 */
export class Pyramid {
  readonly #levels: readonly (Size & { readonly pixels: Uint8Array; rows: number; strips: number })[];
  readonly #tileSize: number;
  readonly #bands: number;
  readonly #finished: (strip: Strip) => void;

  constructor(
    sizes: readonly Size[],
    { tileSize, bands }: { readonly tileSize: number; readonly bands: number },
    finished: (strip: Strip) => void,
  ) {
    this.#levels = sizes.map(({ width, height }) => {
      const rows = Math.min(height, tileSize);
      return { width, height, pixels: new Uint8Array(width * rows * bands), rows: 0, strips: 0 };
    });
    this.#tileSize = tileSize;
    this.#bands = bands;
    this.#finished = finished;
  }

  /** Where the next strip of full resolution is to be written to, before `push`. */
  get pixels(): Uint8Array {
    return (this.#levels[0] as Size & { pixels: Uint8Array }).pixels;
  }

  push(rows: number): void {
    this.#grow(0, rows);
  }

  #grow(index: number, rows: number): void {
    const level = this.#levels[index];
    if (level === undefined) return;
    level.rows += rows;
    const bottom = level.strips * this.#tileSize + level.rows === level.height;
    if (level.rows < this.#tileSize && !bottom) return;
    const strip = { width: level.width, height: level.rows, pixels: level.pixels };
    this.#finished({ ...strip, level: index, index: level.strips });
    level.strips += 1;
    level.rows = 0;
    const coarser = this.#levels[index + 1];
    if (coarser === undefined) return;
    halve(strip, coarser.pixels.subarray(coarser.rows * coarser.width * this.#bands), this.#bands);
    this.#grow(index + 1, Math.ceil(strip.height / 2));
  }
}

/** Averages 2×2 pixels; a strip has an odd number of rows only at the bottom of its level. */
function halve(strip: Size & { readonly pixels: Uint8Array }, into: Uint8Array, bands: number): void {
  const { width, height, pixels } = strip;
  const half = Math.ceil(width / 2);
  for (let y = 0; y * 2 < height; y += 1) {
    const upper = y * 2 * width * bands;
    const lower = Math.min(y * 2 + 1, height - 1) * width * bands;
    for (let x = 0; x < half; x += 1) {
      const left = x * 2 * bands;
      const right = x * 2 + 1 < width ? left + bands : left;
      const at = (y * half + x) * bands;
      for (let band = 0; band < bands; band += 1) {
        const sum =
          (pixels[upper + left + band] as number) +
          (pixels[upper + right + band] as number) +
          (pixels[lower + left + band] as number) +
          (pixels[lower + right + band] as number);
        into[at + band] = (sum + 2) >> 2;
      }
    }
  }
}
