import { describe, expect, it } from 'vitest';
import type { ReadCost } from '../../../src/scene.ts';
import type { ByteSource } from '../../../src/sources/bytes/byte-source.ts';
import { meteredSource } from '../../../src/sources/bytes/metered-source.ts';
import { RecordingSource } from '../../fakes/recording-source.ts';

const { signal } = new AbortController();
const range = (offset: number, length: number) => ({ offset, length });

describe('meteredSource', () => {
  const metered = (budget?: { megabytes: number; requests: number }) => {
    const cost: ReadCost = { bytes: 0, requests: 0, trips: 0, tiles: 0 };
    const source = new RecordingSource(Buffer.alloc(100));
    return { cost, source, read: meteredSource(source, cost, budget).read };
  };

  it('counts bytes that came, requests, and what is under way together as one trip', async () => {
    const { cost, read } = metered();
    await read(range(0, 40), signal);
    await Promise.all([read(range(40, 10), signal), read(range(90, 40), signal)]);
    expect(cost).toEqual({ bytes: 60, requests: 3, trips: 2, tiles: 0 });
  });

  it('counts what came of reads that broke off, and covers no others with it', async () => {
    const cost: ReadCost = { bytes: 0, requests: 0, trips: 0, tiles: 0 };
    const broken: ByteSource = {
      href: 'memory:/scene.tif',
      identity: undefined,
      async read(_, __, arrived) {
        for (const bytes of [20, 15]) arrived?.(bytes);
        throw new Error('broke off');
      },
    };
    const { read } = meteredSource(broken, cost, { megabytes: 0.0001, requests: 10 });
    for (let n = 0; n < 2; n += 1) await expect(read(range(0, 40), signal)).rejects.toThrow('broke off');
    expect(cost).toEqual({ bytes: 70, requests: 2, trips: 2, tiles: 0 });
    await expect(read(range(0, 40), signal)).rejects.toMatchObject({ code: 'budget.exceeded' });
  });

  it('asks for no byte beyond its budget, those under way included', async () => {
    const { source, read } = metered({ megabytes: 0.00005, requests: 10 });
    const first = read(range(0, 30), signal);
    await expect(read(range(30, 21), signal)).rejects.toMatchObject({ code: 'budget.exceeded' });
    await first;
    await read(range(30, 20), signal);
    await expect(read(range(50, 1), signal)).rejects.toThrow('reading on would make 51 bytes');
    expect(source.ranges).toHaveLength(2);
  });

  it('makes no request beyond its budget', async () => {
    const { source, read } = metered({ megabytes: 1, requests: 2 });
    await read(range(0, 1), signal);
    await read(range(1, 1), signal);
    await expect(read(range(2, 1), signal)).rejects.toMatchObject({ code: 'budget.exceeded' });
    expect(source.ranges).toHaveLength(2);
  });
});
