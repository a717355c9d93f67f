import type { PixelArray } from '../../scene.ts';

/** Rows of a rectangle within an array: `start` is its first element, and rows are `stride` elements apart. */
export type Rows = { readonly values: PixelArray; readonly start: number; readonly stride: number };

export type Extent = { readonly width: number; readonly height: number };

/**
 * Bands that are stored apart, put side by side in one pass: to read a target's cache lines once for each band is what
 * costs most. Three and four bands of bytes, as images have them, go four pixels at a time through 32-bit words.
 * @param planes a value for each pixel, one of them for each band
 * @param target where the pixels go, all bands of one side by side; its stride counts values
 */
export function interleave(planes: readonly Rows[], target: Rows, { width, height }: Extent): void {
  const bytes = target.values.BYTES_PER_ELEMENT === 1;
  const weave = bytes ? weaves.get(planes.length) : undefined;
  const woven = weave ? width - (width % 4) : 0;
  weave?.(planes, target, { width: woven, height });
  for (const [band, plane] of planes.entries())
    scatter(plane, target, { band, bands: planes.length, woven, width, height });
}

type Weave = (planes: readonly Rows[], target: Rows, extent: Extent) => void;

/** By the number of bands; widths are multiples of 4. Little-endian words, whatever the machine: the first pixel is the lowest byte. */
const weaves: ReadonlyMap<number, Weave> = new Map<number, Weave>([
  [3, weaveThree],
  [4, weaveFour],
]);

function weaveThree(planes: readonly Rows[], target: Rows, { width, height }: Extent): void {
  const [red, green, blue] = planes.map(wordsOf) as [DataView, DataView, DataView]; // there are three
  const [perRed, perGreen, perBlue] = planes.map(({ stride }) => stride) as [number, number, number];
  const out = wordsOf(target);
  for (let row = 0; row < height; row += 1) {
    const [r, g, b] = [row * perRed, row * perGreen, row * perBlue];
    let at = row * target.stride;
    for (let i = 0; i < width; i += 4, at += 12) {
      const x = red.getInt32(r + i, true);
      const y = green.getInt32(g + i, true);
      const z = blue.getInt32(b + i, true);
      out.setInt32(at, (x & 255) | ((y & 255) << 8) | ((z & 255) << 16) | ((x & 0xff00) << 16), true);
      out.setInt32(at + 4, ((y >>> 8) & 255) | (z & 0xff00) | (x & 0xff0000) | ((y & 0xff0000) << 8), true);
      out.setInt32(at + 8, ((z >>> 16) & 255) | ((x >>> 24) << 8) | ((y >>> 24) << 16) | (z & ~0xffffff), true);
    }
  }
}

function weaveFour(planes: readonly Rows[], target: Rows, { width, height }: Extent): void {
  const [first, second, third, fourth] = planes.map(wordsOf) as [DataView, DataView, DataView, DataView]; // four
  const strides = planes.map(({ stride }) => stride) as [number, number, number, number];
  const out = wordsOf(target);
  for (let row = 0; row < height; row += 1) {
    const [a, b, c, d] = [row * strides[0], row * strides[1], row * strides[2], row * strides[3]];
    let at = row * target.stride;
    for (let i = 0; i < width; i += 4, at += 16) {
      const x = first.getInt32(a + i, true);
      const y = second.getInt32(b + i, true);
      const z = third.getInt32(c + i, true);
      const w = fourth.getInt32(d + i, true);
      out.setInt32(at, (x & 255) | ((y & 255) << 8) | ((z & 255) << 16) | (w << 24), true);
      out.setInt32(at + 4, ((x >>> 8) & 255) | (y & 0xff00) | ((z & 0xff00) << 8) | ((w & 0xff00) << 16), true);
      out.setInt32(at + 8, ((x >>> 16) & 255) | ((y >>> 8) & 0xff00) | (z & 0xff0000) | ((w & 0xff0000) << 8), true);
      out.setInt32(at + 12, (x >>> 24) | ((y >>> 16) & 0xff00) | ((z >>> 8) & 0xff0000) | (w & ~0xffffff), true);
    }
  }
}

/** From the first value of the rows on; of values of a byte. */
function wordsOf({ values, start }: Rows): DataView {
  return new DataView(values.buffer, values.byteOffset + start, values.length - start);
}

type Band = Extent & { readonly band: number; readonly bands: number; readonly woven: number };

/** One band's values from the column `woven` on, to their places among those of all bands, four at a time: a third quicker than one. */
function scatter(plane: Rows, target: Rows, { band, bands, woven, width, height }: Band): void {
  const [from, to] = [plane.values, target.values];
  for (let row = 0; row < height; row += 1) {
    let i = plane.start + row * plane.stride + woven;
    let at = target.start + row * target.stride + woven * bands + band;
    const end = i + width - woven;
    for (; i + 4 <= end; i += 4, at += 4 * bands) {
      to[at] = from[i] as number;
      to[at + bands] = from[i + 1] as number;
      to[at + 2 * bands] = from[i + 2] as number;
      to[at + 3 * bands] = from[i + 3] as number;
    }
    for (; i < end; i += 1, at += bands) to[at] = from[i] as number;
  }
}
