import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisGeometry, type WindowLayer } from '../../src/model/geometry.ts';
import { strips } from '../../src/model/strips.ts';

const valid = (kernel: number, stride = 1, dilation = 1): WindowLayer => ({
  ...{ kernel, stride, dilation },
  padding: 'valid',
});
const same = (kernel: number, stride = 1, dilation = 1): WindowLayer => ({
  ...valid(kernel, stride, dilation),
  padding: 'same',
});
/** Cells added at both ends, or cut off. */
const padded = (cells: number): WindowLayer => ({ ...valid(1), padding: cells });

const stacks: Readonly<Record<string, readonly WindowLayer[]>> = {
  'the bundled attention network': [valid(3), valid(3), valid(2, 2), valid(3), valid(3), valid(1), valid(2, 2)],
  'nothing at all': [],
  'strides that leave pixels out': [valid(3, 4), valid(2, 3)],
  'same padding': [same(3), same(5), same(2)],
  'same padding with strides': [same(3, 2), same(5, 3), same(2, 2)],
  'cells added and cut off': [padded(3), valid(3, 2), padded(-2), valid(2)],
  'nothing but cells cut off': [padded(-5)],
  'a residual block between strides': [
    valid(3, 2),
    valid(3),
    valid(3),
    { ...padded(-2), from: [0] },
    { ...valid(1), from: [2, 3] },
    valid(2, 2),
  ],
  'a padded residual block': [same(3), same(5), { ...valid(1), from: [0, 1] }, same(2, 2)],
  'both paddings, pools and dilation': [valid(5, 2), same(3, 1, 2), same(3, 2), valid(2)],
};

/** A row as the layers make it of another, by TensorFlow's rules, in whole numbers: other pixels, other results. */
function run(layers: readonly WindowLayer[], row: readonly number[]): number[] {
  const given: number[][] = [];
  const at = (index: number) => (index < 0 ? [...row] : (given[index] as number[]));
  layers.forEach(({ kernel, stride, dilation, padding, from }, depth) => {
    const branches = (from ?? [depth - 1]).map(at);
    const below = at(from?.[0] ?? depth - 1).map((_, i) =>
      branches.reduce((sum, branch, b) => sum + (b + 1) * (branch[i] as number), 0),
    );
    const reach = (kernel - 1) * dilation;
    const added = typeof padding === 'number' ? 2 * padding : 0;
    const cells = Math.max(0, Math.ceil((padding === 'same' ? below.length : below.length + added - reach) / stride));
    const front = padding === 'same' ? Math.max(0, (cells - 1) * stride + reach + 1 - below.length) : added;
    given.push(
      Array.from({ length: cells }, (_, cell) => {
        let sum = depth + 1;
        for (let k = 0; k < kernel; k += 1)
          sum += (2 * k + 3) * (below[cell * stride + k * dilation - Math.floor(front / 2)] ?? 0);
        return sum % 1_000_003;
      }),
    );
  });
  return at(layers.length - 1);
}

const rowOf = (pixels: number) => Array.from({ length: pixels }, (_, i) => ((i + 1) * 7919) % 99_991);

function inStrips(layers: readonly WindowLayer[], row: readonly number[], most: number): number[] {
  return strips(layers, row.length, most).flatMap(({ start, pixels, skip, cells }) =>
    run(layers, row.slice(start, start + pixels)).slice(skip, skip + cells),
  );
}

describe('strips', () => {
  for (const [name, layers] of Object.entries(stacks)) {
    it(`have the very cells of the whole, whatever its size and theirs: ${name}`, () => {
      const { receptiveField } = axisGeometry(layers, 1000);
      for (let pixels = receptiveField + 10; pixels < receptiveField + 50; pixels += 1) {
        const row = rowOf(pixels);
        const whole = run(layers, row);
        for (let most = 0; most < pixels + 2; most += 1) expect(inStrips(layers, row, most)).toEqual(whole);
      }
    });
  }

  it('have the very cells of the whole, whatever the layers', () => {
    const layer = fc.record({
      kernel: fc.integer({ min: 1, max: 5 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      padding: fc.constantFrom<WindowLayer['padding']>('valid', 'same', 2, 1, -1, -3),
    });
    const sizes = [fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 300 })] as const;
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 5 }), ...sizes, (layers, pixels, most) => {
        const row = rowOf(pixels);
        const whole = run(layers, row);
        fc.pre(layers.every((_, depth) => run(layers.slice(0, depth + 1), row).length > 0)); // else nothing can run it
        expect(inStrips(layers, row, most)).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });

  it('are no longer than they may be, unless a single cell is', () => {
    for (const layers of Object.values(stacks)) {
      for (let most = 0; most < 200; most += 7) {
        const found = strips(layers, 500, most);
        for (const { pixels, cells } of found) expect(pixels <= most || cells === 1).toBe(true);
        for (const { start, pixels } of found) expect(start >= 0 && start + pixels <= 500).toBe(true);
      }
      expect(strips(layers, 500, 500)).toHaveLength(1);
    }
  });

  it('overlap by no more than the network sees at once, and a stride at either end', () => {
    const layers = stacks['the bundled attention network'] as WindowLayer[];
    const { receptiveField, stride } = axisGeometry(layers, 500);
    const found = strips(layers, 500, 64);
    found.slice(1).forEach(({ start }, i) => {
      const before = found[i] as (typeof found)[number];
      expect(before.start + before.pixels - start).toBeLessThan(receptiveField + stride);
    });
  });

  it('refuse an axis that has no cell', () => {
    expect(() => strips([valid(5)], 4, 100)).toThrow('the scene is too small');
  });
});
