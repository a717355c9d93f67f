import { describe, expect, it } from 'vitest';
import { firstReads } from '../../src/sources/first-reads.ts';

const KiB = 1024;
const settings = { firstReadBytes: 32 * KiB, twoTrips: false };

describe('firstReads', () => {
  it('takes a message at its word, else guesses', () => {
    const first = firstReads(settings);
    expect(first.bytes('https://a.example/x/1.tif')).toBe(32 * KiB);
    expect(first.bytes('https://a.example/x/1.tif', 12_345)).toBe(12_345);
    expect(first.bytes('https://a.example/x/1.tif', 1)).toBe(KiB);
  });

  it('learns of a folder, of the folders above it, and of a host, the nearest first', () => {
    const first = firstReads(settings);
    first.learn('https://a.example/x/y/1.tif', 'header', 5000);
    first.learn('https://a.example/x/z/1.tif', 'header', 90_000);
    expect(first.bytes('https://a.example/x/y/2.tif')).toBe(5 * KiB);
    expect(first.bytes('https://a.example/x/z/2.tif')).toBe(90 * KiB);
    expect(first.bytes('https://a.example/x/new/1.tif')).toBe(90 * KiB);
    expect(first.bytes('https://a.example/elsewhere/1.tif')).toBe(90 * KiB);
    expect(first.bytes('https://b.example/x/y/2.tif')).toBe(32 * KiB);
  });

  it('forgets a long header once enough shorter ones followed', () => {
    const first = firstReads(settings);
    first.learn('https://a.example/1.tif', 'header', 200_000);
    for (let n = 0; n < 32; n += 1) first.learn('https://a.example/1.tif', 'header', 3000);
    expect(first.bytes('https://a.example/2.tif')).toBe(3 * KiB);
  });

  it('learns nothing from a file whose header lies behind its pixels', () => {
    const first = firstReads(settings);
    first.learn('https://a.example/1.tif', 'header', 3_200_000);
    expect(first.bytes('https://a.example/2.tif')).toBe(32 * KiB);
  });

  it('brings an overview that a guess would have brought, and no larger one', () => {
    const first = firstReads(settings);
    first.learn('https://a.example/small/1.tif', 'header', 3000);
    first.learn('https://a.example/small/1.tif', 'overview', 20_000);
    expect(first.bytes('https://a.example/small/2.tif')).toBe(20 * KiB);
    first.learn('https://a.example/large/1.tif', 'header', 3000);
    first.learn('https://a.example/large/1.tif', 'overview', 500_000);
    expect(first.bytes('https://a.example/large/2.tif')).toBe(3 * KiB);
  });

  it('in two trips, brings header and overview of any length but an absurd one', () => {
    const first = firstReads({ ...settings, twoTrips: true });
    expect(first.bytes('https://a.example/1.tif')).toBe(512 * KiB);
    expect(first.bytes('https://a.example/1.tif', 600_000)).toBe(600_000);
    first.learn('https://a.example/1.tif', 'overview', 1_000_000);
    expect(first.bytes('https://a.example/2.tif')).toBe(997 * KiB);
    first.learn('https://b.example/1.tif', 'overview', 1e9);
    expect(first.bytes('https://b.example/2.tif')).toBe(512 * KiB);
  });
});
