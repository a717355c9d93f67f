import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawCurves } from '../../src/training/draw-curves.ts';

const steps = (count: number, loss: (step: number) => number) =>
  Array.from({ length: count }, (_, i) => ({ step: i + 1, loss: loss(i + 1), accuracy: 0.5, entropy: 3 }));

/** The lowest row, from the top, in which a column of the uppermost panel has the colour of curves. */
async function curveAt(png: Buffer, column: number): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let y = 0; y < info.height / 3; y += 1) {
    const [red = 0, , blue = 0] = data.subarray((y * info.width + column) * 3, (y * info.width + column) * 3 + 3);
    if (blue - red > 60) return y;
  }
  throw new Error(`no curve in column ${column}`);
}

describe('drawCurves', () => {
  it('draws a loss that falls as a curve that falls', async () => {
    const png = await drawCurves([...steps(400, (step) => 400 - step), { step: 400, validationError: 0.1 }]);
    const heights = await Promise.all([200, 500, 800].map((column) => curveAt(png, column)));
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(new Set(heights).size).toBe(3);
  });

  it('draws a run of a single step', async () => {
    expect(await sharp(await drawCurves(steps(1, () => 1))).metadata()).toMatchObject({ format: 'png', width: 960 });
  });
});
