import { unlessAborted } from '../unless-aborted.ts';
import { RecentMap } from './bytes/recent-map.ts';
import type { SceneLevels } from './tiff/levels.ts';
import type { OpenHeader } from './tiff/read-header.ts';

/** A header that was read, and what it says of the levels. */
export type ReadyHeader = { readonly header: OpenHeader; readonly levels: SceneLevels };

/**
 * Headers of files that were read before, and one flight for each that is being read. Whoever is given one must read
 * on with its identity (`ByteSource.expect`), so that a file which was replaced in between is noticed by its first
 * range.
 */
export type HeaderCache = {
  /**
   * @param load reads it; its own signal is aborted once nobody waits for it any more
   * @returns the header, and whether this call read it
   * @throws what `load` throws, which is not kept; the reason of `signal` once it is aborted
   */
  get(
    key: string,
    load: (signal: AbortSignal) => Promise<ReadyHeader>,
    signal: AbortSignal,
  ): Promise<{ readonly ready: ReadyHeader; readonly hit: boolean }>;
  /** The file is not what it was. */
  forget(key: string): void;
  readonly hits: number;
  readonly misses: number;
};

type Flight = { readonly promise: Promise<ReadyHeader>; readonly stop: AbortController; waiting: number };

/** @param maxBytes in memory; 0 for no cache at all but the flights */
export function headerCache(maxBytes: number): HeaderCache {
  const kept = new RecentMap<ReadyHeader>(maxBytes);
  const flights = new Map<string, Flight>();
  const counts = { hits: 0, misses: 0 };
  const depart = (key: string, load: (signal: AbortSignal) => Promise<ReadyHeader>): Flight => {
    const stop = new AbortController();
    const promise = load(stop.signal)
      .then((ready) => {
        if (canBeTold(ready)) kept.set(key, ready, weigh(ready));
        return ready;
      })
      .finally(() => flights.get(key)?.stop === stop && flights.delete(key));
    promise.catch(() => undefined); // all who wait may have left
    const flight = { promise, stop, waiting: 0 };
    flights.set(key, flight);
    return flight;
  };
  return {
    async get(key, load, signal) {
      signal.throwIfAborted();
      const ready = kept.get(key);
      const flying = flights.get(key);
      const hit = ready !== undefined || flying !== undefined;
      counts[hit ? 'hits' : 'misses'] += 1;
      if (ready) return { ready, hit };
      const flight = flying ?? depart(key, load);
      flight.waiting += 1;
      try {
        return { ready: await unlessAborted(signal, flight.promise), hit };
      } catch (error) {
        // What failed another may be a matter of its signature, its budget or its patience.
        if (!hit || signal.aborted) throw error;
        return { ready: await load(signal), hit: false };
      } finally {
        flight.waiting -= 1;
        if (flight.waiting === 0 && flights.get(key) === flight) {
          flights.delete(key);
          flight.stop.abort(signal.reason);
        }
      }
    },
    forget: (key) => kept.delete(key),
    get hits() {
      return counts.hits;
    },
    get misses() {
      return counts.misses;
    },
  };
}

/** Whether a later answer can be told from one of another file. */
function canBeTold({ header: { identity } }: ReadyHeader): boolean {
  return identity.etag !== null || identity.lastModified !== null;
}

/** In bytes: the first read, and of each tile its two numbers, parsed and as they were read. */
function weigh({ header }: ReadyHeader): number {
  const tiles = header.images.reduce((sum, { index }) => sum + index.offsets.length, 0);
  return header.firstBytes.length + header.end + 32 * tiles;
}
