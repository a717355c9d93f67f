import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { axisGeometry } from '../../src/model/geometry.ts';
import { windowStack } from '../../src/model/window-stack.ts';
import { seenPixels } from '../fakes/seen-pixels.ts';

/** Holds what is derived from a network's layers against the pixels that really change its cells. */
export function expectExactGeometry(network: LayersModel, width: number): void {
  const stack = windowStack(network);
  const [x, y] = [axisGeometry(stack.x, width), axisGeometry(stack.y, width)];
  const truth = seenPixels(network, width);
  expect(x.cells).toBe(truth.length);
  expect(y).toEqual(x);
  truth.forEach(([first, last], cell) => {
    const centre = x.offset + cell * x.stride;
    // Where the image ends the cell looks at padding, which no pixel can show.
    expect(first).toBe(Math.max(0, Math.round(centre - x.receptiveField / 2)));
    expect(last).toBe(Math.min(width, Math.round(centre + x.receptiveField / 2)) - 1);
  });
}
