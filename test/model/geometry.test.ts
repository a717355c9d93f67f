import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { axisGeometry, borders, fieldOf, gridGeometry } from '../../src/model/geometry.ts';
import { windowStack } from '../../src/model/window-stack.ts';
import { expectExactGeometry } from './expect-exact-geometry.ts';

type Step = {
  kernel: number;
  stride: number;
  padding: 'valid' | 'same';
  kind: 'conv' | 'max' | 'average';
  dilation?: number;
};

/** A network whose output cell is positive exactly where it sees a positive pixel: all weights are positive. */
function network(steps: readonly Step[]): layers.LayersModel {
  const model = layers.sequential();
  steps.forEach(({ kernel, stride, padding, kind, dilation }, index) => {
    const inputShape = index === 0 ? { inputShape: [null, null, 1] } : {};
    const pool = { ...inputShape, poolSize: kernel, strides: stride, padding };
    if (kind === 'max') model.add(layers.layers.maxPooling2d(pool));
    else if (kind === 'average') model.add(layers.layers.averagePooling2d(pool));
    else
      model.add(
        layers.layers.conv2d({
          ...inputShape,
          filters: 1,
          kernelSize: kernel,
          strides: stride,
          padding,
          dilationRate: dilation ?? 1,
          useBias: false,
          kernelInitializer: 'ones',
        }),
      );
  });
  return model;
}

const stacks: Record<string, { steps: Step[]; width: number }> = {
  'valid convolutions and a pool, as the bundled attention network': {
    width: 33,
    steps: [
      { kind: 'conv', kernel: 3, stride: 1, padding: 'valid' },
      { kind: 'conv', kernel: 3, stride: 1, padding: 'valid' },
      { kind: 'conv', kernel: 3, stride: 1, padding: 'valid' },
      { kind: 'max', kernel: 2, stride: 2, padding: 'valid' },
    ],
  },
  'four valid convolutions and a pool of 8, as the reference code for speed limits': {
    width: 48,
    steps: [
      ...Array.from({ length: 4 }, (): Step => ({ kind: 'conv', kernel: 3, stride: 1, padding: 'valid' })),
      { kind: 'max', kernel: 8, stride: 8, padding: 'valid' },
    ],
  },
  'same padding': { width: 17, steps: [{ kind: 'conv', kernel: 3, stride: 1, padding: 'same' }] },
  'strided same padding over an even size': {
    width: 20,
    steps: [{ kind: 'conv', kernel: 3, stride: 2, padding: 'same' }],
  },
  'strided same padding over an odd size': {
    width: 21,
    steps: [{ kind: 'conv', kernel: 5, stride: 2, padding: 'same' }],
  },
  'strides, pools and dilation mixed': {
    width: 61,
    steps: [
      { kind: 'conv', kernel: 5, stride: 2, padding: 'valid' },
      { kind: 'conv', kernel: 3, stride: 1, padding: 'same', dilation: 2 },
      { kind: 'average', kernel: 3, stride: 2, padding: 'same' },
      { kind: 'conv', kernel: 2, stride: 1, padding: 'valid' },
    ],
  },
};

describe('gridGeometry', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  for (const [name, { steps, width }] of Object.entries(stacks)) {
    it(`knows which pixels each cell looks at: ${name}`, () => {
      expectExactGeometry(network(steps), width);
    });
  }

  it('puts the first and last cell of the reference network at 8 and 280 pixels of 288, not at its 8.486 and 279.514', () => {
    const { steps } = stacks['four valid convolutions and a pool of 8, as the reference code for speed limits']!;
    const x = axisGeometry(windowStack(network(steps)).x, 288);
    expect([x.offset, x.offset + (x.cells - 1) * x.stride]).toEqual([8, 280]);
  });

  it('covers an input from border to border, mirroring it outwards where the network would leave its border out', () => {
    for (const [name, { steps, width }] of Object.entries(stacks)) {
      const stack = windowStack(network(steps));
      const size = { width: 2 * width, height: 64 };
      const grid = gridGeometry(stack, size);
      const field = fieldOf(grid);
      const uncovered = [field.x, field.y, size.width - field.x - field.width, size.height - field.y - field.height];
      expect([name, uncovered.every((pixels) => Math.abs(pixels) <= grid.x.stride)]).toEqual([name, true]);
      if (steps.every(({ padding }) => padding === 'valid')) expect([name, field.x, field.y]).toEqual([name, 0, 0]);
    }
  });

  it('mirrors nothing where the network pads, whatever it pads, pools and strides over', () => {
    const same = Object.values(stacks).filter(({ steps }) => steps.every(({ padding }) => padding === 'same'));
    expect(same).toHaveLength(3);
    for (const { steps } of same) {
      for (const width of [64, 65]) {
        expect(borders(windowStack(network(steps)), { width, height: 64 })).toEqual({ x: 0, y: 0 });
      }
    }
  });

  it('mirrors no more than there is', () => {
    const stack = windowStack(
      network(stacks['valid convolutions and a pool, as the bundled attention network']!.steps),
    );
    expect(borders(stack, { width: 3, height: 50 })).toEqual({ x: 2, y: 3 });
    expect(() => gridGeometry(stack, { width: 3, height: 50 })).toThrow('the scene is too small');
  });

  it('refuses a size that has no cell, and a layer whose view it does not know', () => {
    const model = network([{ kind: 'conv', kernel: 5, stride: 1, padding: 'valid' }]);
    expect(() => axisGeometry(windowStack(model).x, 4)).toThrow('4 pixels of overview, the attention network sees 5');
    const flat = layers.sequential({ layers: [layers.layers.flatten({ inputShape: [4, 4, 1] })] });
    expect(() => windowStack(flat)).toThrow('Flatten');
  });
});
