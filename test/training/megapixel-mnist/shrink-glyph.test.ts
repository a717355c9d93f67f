import { describe, expect, it } from 'vitest';
import { readDigits } from '../../../src/training/megapixel-mnist/read-digits.ts';
import { shrinkGlyph } from '../../../src/training/megapixel-mnist/shrink-glyph.ts';

describe('shrinkGlyph', () => {
  it('makes of a digit what scikit-image makes of it', async () => {
    // skimage 0.26: (255 * rescale(x_train[i] / 255, 0.12, order=1, mode='constant', anti_aliasing=True)).astype(uint8)
    const expected = [
      [11, 56, 24, 11, 77, 22, 29, 61, 11],
      [5, 57, 30, 34, 73, 50, 29, 54, 11],
      [12, 8, 15, 45, 52, 34, 5, 23, 17],
      [0, 21, 19, 8, 67, 15, 16, 40, 1],
    ];
    const { pixels } = await readDigits('train');
    const shrunk = expected.map((_, i) => [...shrinkGlyph(pixels.subarray(i * 784, (i + 1) * 784), 28, 3)]);
    expect(shrunk).toEqual(expected);
  });

  it('darkens towards the borders, beyond which there is nothing', () => {
    const [corner, side, , , centre] = shrinkGlyph(new Uint8Array(784).fill(255), 28, 3);
    expect(corner).toBeLessThan(side as number);
    expect(side).toBeLessThan(centre as number);
    expect(centre).toBeGreaterThan(250);
  });
});
