import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldBytes } from '../../../src/sources/bytes/held-bytes.ts';

const file = Uint8Array.from({ length: 200 }, (_, i) => i);
const anyRange = fc
  .tuple(fc.nat(199), fc.integer({ min: 1, max: 60 }))
  .map(([offset, length]) => ({ offset, length: Math.min(length, file.length - offset) }));

describe('HeldBytes', () => {
  it('gives back what was added, in whatever pieces, and knows what is missing', () => {
    fc.assert(
      fc.property(fc.array(anyRange, { maxLength: 8 }), anyRange, (added, wanted) => {
        const held = new HeldBytes();
        const known = new Set<number>();
        for (const { offset, length } of added) {
          held.add(offset, file.subarray(offset, offset + length));
          for (let i = offset; i < offset + length; i += 1) known.add(i);
        }
        const bytes = Array.from({ length: wanted.length }, (_, i) => wanted.offset + i);
        const missing = held.missing(wanted).flatMap((r) => Array.from({ length: r.length }, (_, i) => r.offset + i));
        expect(missing).toEqual(bytes.filter((i) => !known.has(i)));
        expect(Array.from(held.view(wanted) ?? [])).toEqual(missing.length === 0 ? bytes : []);
      }),
    );
  });
});
