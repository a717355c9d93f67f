import { describe, expect, it } from 'vitest';
import { hostPaces } from '../../../src/sources/bytes/host-paces.ts';
import { joinLimits, limitsAt } from '../../../src/sources/bytes/join-ranges.ts';

const MB = 1e6;

describe('hostPaces', () => {
  it('learns from short reads how long a host makes one wait, from long ones how fast it is', () => {
    const paces = hostPaces();
    expect(paces.of('a')).toBeUndefined();
    for (let n = 0; n < 100; n += 1) {
      paces.note('a', 1000, 0.05);
      paces.note('a', MB, 0.05 + 0.02);
    }
    const { waitSeconds, bytesPerSecond } = paces.of('a') ?? { waitSeconds: 0, bytesPerSecond: 0 };
    expect(waitSeconds).toBeCloseTo(0.05);
    expect(bytesPerSecond).toBeGreaterThan(45 * MB);
    expect(bytesPerSecond).toBeLessThan(55 * MB);
    expect(paces.of('b')).toBeUndefined();
  });

  it('is not misled by a single slow read', () => {
    const paces = hostPaces();
    paces.note('a', 1000, 0.01);
    paces.note('a', MB, 0.02);
    paces.note('a', 1000, 10);
    for (let n = 0; n < 10; n += 1) paces.note('a', 1000, 0.01);
    expect(paces.of('a')?.waitSeconds).toBeLessThan(0.02);
  });
});

describe('limitsAt', () => {
  it('closes gaps whose bytes take no longer than a wait, within bounds', () => {
    expect(limitsAt(undefined)).toEqual(joinLimits);
    expect(limitsAt({ waitSeconds: 0.05, bytesPerSecond: 4 * MB })).toEqual({ ...joinLimits, gapBytes: 200_000 });
    expect(limitsAt({ waitSeconds: 1e-6, bytesPerSecond: MB }).gapBytes).toBe(4096);
    expect(limitsAt({ waitSeconds: 1, bytesPerSecond: 100 * MB }).gapBytes).toBe(2 ** 20);
  });
});
