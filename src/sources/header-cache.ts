import { unlessAborted } from '../unless-aborted.ts';
import { RecentMap } from './bytes/recent-map.ts';
import { type SceneLevels, sceneLevels } from './tiff/levels.ts';
import { type HeaderBytes, type OpenHeader, parseHeader } from './tiff/read-header.ts';

/** A header that was read, and what it says of the levels. */
export type ReadyHeader = { readonly header: OpenHeader; readonly levels: SceneLevels };

/**
 * Headers of files that were read before, as the bytes that were read of them, and one flight for each that is being
 * read. A header that is asked for again is parsed again: parsed, it is several times as large as it was. Whoever is given one must read
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

/** Of the key, the identity and what holds the bytes. */
const ENTRY_BYTES = 1024;

type Flight = { readonly promise: Promise<ReadyHeader>; readonly stop: AbortController; waiting: number };

/** @param maxBytes in memory; 0 for no cache at all but the flights */
export function headerCache(maxBytes: number): HeaderCache {
  const kept = new RecentMap<HeaderBytes>(maxBytes);
  const flights = new Map<string, Flight>();
  const counts = { hits: 0, misses: 0 };
  const keep = (key: string, bytes: HeaderBytes) => kept.set(key, bytes, bytes.held.length + ENTRY_BYTES);
  /** Weighed again: pages of its index may have come to it since. */
  const recall = (key: string): ReadyHeader | undefined => {
    const bytes = kept.get(key);
    if (bytes) keep(key, bytes);
    return bytes && parsed(bytes);
  };
  const depart = (key: string, load: (signal: AbortSignal) => Promise<ReadyHeader>): Flight => {
    const stop = new AbortController();
    const promise = load(stop.signal)
      .then((ready) => {
        if (canBeTold(ready)) keep(key, bytesOf(ready));
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
      const ready = recall(key);
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

function bytesOf({ header: { identity, held, firstBytes } }: ReadyHeader): HeaderBytes {
  return { identity, held, firstLength: firstBytes.length };
}

function parsed(bytes: HeaderBytes): ReadyHeader {
  const header = parseHeader(bytes);
  if ('missing' in header) throw new Error('a header that was whole is not any more');
  return { header, levels: sceneLevels(header) };
}
