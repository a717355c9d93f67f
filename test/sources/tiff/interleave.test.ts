import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interleave } from '../../../src/sources/tiff/interleave.ts';

describe('interleave', () => {
  it('puts each value of each band where the definition has it, and touches nothing else', () => {
    const types = [Uint8Array, Int8Array, Uint16Array, Float32Array, Float64Array];
    const side = fc.integer({ min: 1, max: 19 });
    const off = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.integer({ min: 1, max: 6 }),
        side,
        side,
        off,
        off,
        (Type, bands, width, height, left, gap) => {
          const planes = Array.from({ length: bands }, (_, band) => {
            const stride = width + band; // a sparse tile is held whole, others in part
            const values = new Type(left + band + stride * height).map((_, i) => (i * 37 + band * 101 + 200) % 256);
            return { values, start: left + band, stride };
          });
          const stride = (width + gap) * bands;
          const target = { values: new Type(left + stride * height).fill(7), start: left, stride };
          const expected = target.values.slice();
          for (let y = 0; y < height; y += 1)
            for (let x = 0; x < width; x += 1)
              for (const [band, plane] of planes.entries())
                expected[left + y * stride + x * bands + band] = plane.values[
                  plane.start + y * plane.stride + x
                ] as number;
          interleave(planes, target, { width, height });
          expect(target.values).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });
});
