import { describe, expect, it } from 'vitest';
import { type HeaderCache, headerCache, type ReadyHeader } from '../../src/sources/header-cache.ts';
import { sceneLevels } from '../../src/sources/tiff/levels.ts';
import { readHeader } from '../../src/sources/tiff/read-header.ts';
import { RecordingSource } from '../fakes/recording-source.ts';
import { buildTiff, plainFields, plainTiles } from '../fakes/tiff-builder.ts';

const { signal } = new AbortController();
const file = buildTiff([{ fields: plainFields, tiles: plainTiles }]);

async function load(signal: AbortSignal): Promise<ReadyHeader> {
  const header = await readHeader(new RecordingSource(file), { firstReadBytes: 1024 }, signal);
  return { header, levels: sceneLevels(header) };
}

/** Loads that wait until they are let go on, or aborted. */
function gated() {
  let loads = 0;
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const aborted: unknown[] = [];
  return {
    open: () => open(),
    aborted,
    loads: () => loads,
    async load(signal: AbortSignal): Promise<ReadyHeader> {
      loads += 1;
      signal.addEventListener('abort', () => aborted.push(signal.reason));
      await gate;
      return load(signal);
    },
  };
}

const told = ({ header, levels }: ReadyHeader) => JSON.stringify([header.identity, header.end, levels]);
const counts = ({ hits, misses }: HeaderCache) => [hits, misses];

describe('headerCache', () => {
  it('reads a header once, for all who want it at the same time and later', async () => {
    const cache = headerCache(1e6);
    const { load, loads, open } = gated();
    const together = Promise.all([1, 2, 3].map(() => cache.get('a', load, signal)));
    open();
    const [first, ...others] = await together;
    const later = await cache.get('a', load, signal);
    expect(others.every(({ ready }) => ready === first?.ready)).toBe(true);
    expect(told(later.ready)).toEqual(told((first as typeof later).ready));
    expect(loads()).toBe(1);
    expect(counts(cache)).toEqual([3, 1]);
  });

  it('keeps no failure, and lets those who waited for it try for themselves', async () => {
    const cache = headerCache(1e6);
    const failed = new Error('no');
    const failing = cache.get('a', () => Promise.reject(failed), signal);
    const waiting = cache.get('a', load, signal);
    await expect(failing).rejects.toBe(failed);
    expect((await waiting).ready.header.images).toHaveLength(1);
    expect((await cache.get('a', load, signal)).hit).toBe(false);
  });

  it('ends a flight for which nobody waits any more, and not before', async () => {
    const cache = headerCache(1e6);
    const { load, open, aborted } = gated();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = cache.get('a', load, one.signal);
    const second = cache.get('a', load, two.signal);
    one.abort(new Error('one'));
    await expect(first).rejects.toThrow('one');
    expect(aborted).toEqual([]);
    two.abort(new Error('two'));
    await expect(second).rejects.toThrow('two');
    expect(aborted).toEqual([new Error('two')]);
    open();
  });

  it('holds no more bytes than it may', async () => {
    const weight = file.length + 1024;
    const cache = headerCache(2.5 * weight);
    for (const key of ['a', 'b', 'c']) await cache.get(key, load, signal);
    const hits = [];
    for (const key of ['c', 'b', 'a']) hits.push((await cache.get(key, load, signal)).hit);
    expect(hits).toEqual([true, true, false]);
    const none = headerCache(0);
    await none.get('a', load, signal);
    expect((await none.get('a', load, signal)).hit).toBe(false);
  });

  it('keeps no header of a file that it could not tell from another', async () => {
    const cache = headerCache(1e6);
    const unknown = async (signal: AbortSignal) => {
      const { header, levels } = await load(signal);
      return { header: { ...header, identity: { etag: null, lastModified: null, size: 1 } }, levels };
    };
    await cache.get('a', unknown, signal);
    expect((await cache.get('a', unknown, signal)).hit).toBe(false);
  });
});
