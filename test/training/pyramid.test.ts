import { describe, expect, it } from 'vitest';
import { hash } from '../../src/training/harbour/noise.ts';
import { levelSizes, Pyramid, type Size, type Strip } from '../../src/training/pyramid.ts';

type Level = Size & { readonly pixels: Uint8Array };

function noise({ width, height }: Size): Level {
  return { width, height, pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => hash(i, 0, 7) & 255) };
}

/** By the definition: the mean of 2×2 pixels to the nearest integer, halves up; the last row and column repeated. */
function halved({ width, height, pixels }: Level): Level {
  const size = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const sample = (x: number, y: number, band: number) =>
    pixels[(Math.min(y, height - 1) * width + Math.min(x, width - 1)) * 3 + band] as number;
  const values = Uint8Array.from({ length: size.width * size.height * 3 }, (_, i) => {
    const [x, y, band] = [(Math.floor(i / 3) % size.width) * 2, Math.floor(i / 3 / size.width) * 2, i % 3];
    const four = sample(x, y, band) + sample(x + 1, y, band) + sample(x, y + 1, band) + sample(x + 1, y + 1, band);
    return Math.floor(four / 4 + 0.5);
  });
  return { ...size, pixels: values };
}

/** Feeds a scene strip by strip, and puts the strips of each level together again. */
function pyramidOf({ width, height, pixels }: Level, tileSize: number): Uint8Array[] {
  const sizes = levelSizes({ width, height }, tileSize);
  const levels: number[][] = sizes.map(() => []);
  const finished = (strip: Strip) => {
    expect(strip.index * tileSize * strip.width * 3).toBe(levels[strip.level]?.length);
    levels[strip.level]?.push(...strip.pixels.subarray(0, strip.width * strip.height * 3));
  };
  const pyramid = new Pyramid(sizes, { tileSize, bands: 3 }, finished);
  for (let y = 0; y < height; y += tileSize) {
    const rows = Math.min(tileSize, height - y);
    pyramid.pixels.set(pixels.subarray(y * width * 3, (y + rows) * width * 3));
    pyramid.push(rows);
  }
  return levels.map((values) => Uint8Array.from(values));
}

describe('Pyramid', () => {
  it.each([
    [64, 64],
    [61, 33],
    [16, 97],
    [1, 1],
  ])('makes every level of %i×%i the exact 2×2 mean of the next finer one', (width, height) => {
    const scene = noise({ width, height });
    const made = pyramidOf(scene, 16);
    let expected = scene;
    for (const level of made) {
      expect(level).toEqual(expected.pixels);
      expected = halved(expected);
    }
  });
});

describe('levelSizes', () => {
  it('goes to 1/16 even where a coarser level than 1/2 would fit one tile', () => {
    expect(levelSizes({ width: 300, height: 20 }, 256).map(({ width }) => width)).toEqual([300, 150, 75, 38, 19]);
  });

  it('goes on until a level fits one tile', () => {
    expect(levelSizes({ width: 32_768, height: 32_768 }, 256).at(-1)).toEqual({ width: 256, height: 256 });
    expect(levelSizes({ width: 32_769, height: 1 }, 256).at(-1)).toEqual({ width: 129, height: 1 });
  });
});
