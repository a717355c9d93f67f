import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { patchStrip } from '../../src/sinks/patch-strip.ts';

const plain = (bands: number, ...colour: number[]) => ({
  data: Uint8Array.from({ length: 4 * bands }, (_, i) => colour[i % bands] as number),
  width: 2,
  height: 2,
  bands,
});

/** The colours in the middle of each patch of a strip. */
async function colours(strip: Buffer): Promise<number[][]> {
  const { data, info } = await sharp(strip).raw().toBuffer({ resolveWithObject: true });
  const count = (info.width + 4) / 132;
  return Array.from({ length: count }, (_, n) => {
    const at = (64 * info.width + n * 132 + 64) * info.channels;
    return [...data.subarray(at, at + 3)];
  });
}

describe('patchStrip', () => {
  it('shows patches side by side, the strongest pull first, in their own colours', async () => {
    const patches = [plain(3, 10, 20, 30), plain(4, 200, 100, 50, 7), plain(1, 90)];
    const found = await colours(await patchStrip(patches, [0.1, 0.9, -0.2]));
    expect(found).toEqual([
      [200, 100, 50],
      [10, 20, 30],
      [90, 90, 90],
    ]);
  });

  it('shows ten of more', async () => {
    const patches = Array.from({ length: 12 }, (_, n) => plain(3, n, n, n));
    const pulls = patches.map((_, n) => n);
    const found = await colours(await patchStrip(patches, pulls));
    expect(found.map(([red]) => red)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  });
});
