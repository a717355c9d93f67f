import { failureCode } from '../errors.ts';
import type { ReadCost } from '../scene.ts';
import type { ByteSource } from './bytes/byte-source.ts';
import { meteredSource, type ReadBudget } from './bytes/metered-source.ts';
import { type RangeRetries, retryingSource } from './bytes/retrying-source.ts';
import type { HeaderCache, ReadyHeader } from './header-cache.ts';
import { sceneLevels } from './tiff/levels.ts';
import { readHeader } from './tiff/read-header.ts';

/** How a file is opened: what that may cost, and what is known of it already. */
export type OpenSettings = {
  /** For this and all that is read of the file later; none: whatever it costs. */
  readonly budget?: ReadBudget | undefined;
  /** Read every index table whole, so that `tileBytes` and `maskTiles` know of every tile. */
  readonly wholeIndex?: boolean | undefined;
  /** Where headers of files that were read before are kept, and this file's key in it. */
  readonly cache?: { readonly headers: HeaderCache; readonly key: string } | undefined;
  /** How a range that did not come is asked for again; none: not at all. */
  readonly retries?: RangeRetries | undefined;
  /** Told of each range that is asked for again. */
  readonly retrying?: (() => void) | undefined;
  /** Told how long a first read would have been enough. */
  readonly learn?: ((what: 'header' | 'overview', end: number) => void) | undefined;
};

/** With each try of a range counted, and covered by the budget. */
export function countedSource(bare: ByteSource, cost: ReadCost, settings: OpenSettings): ByteSource {
  const { budget, retries, retrying } = settings;
  const metered = meteredSource(bare, cost, budget);
  return retries ? retryingSource(metered, retries, retrying && { retrying }) : metered;
}

/** From the cache, if the source can tell the file from another; the first range that is read then finds out. */
export async function readyHeader(
  source: ByteSource,
  firstReadBytes: number,
  signal: AbortSignal,
  { wholeIndex = false, cache, learn }: OpenSettings,
): Promise<ReadyHeader> {
  const load = async (signal: AbortSignal): Promise<ReadyHeader> => {
    const header = await readHeader(source, { firstReadBytes, wholeIndex }, signal);
    learn?.('header', header.end);
    return { header, levels: sceneLevels(header) };
  };
  if (!cache || !source.expect || wholeIndex) return load(signal);
  const { ready } = await cache.headers.get(cache.key, load, signal);
  source.expect(ready.header.identity);
  return ready;
}

/** The next try of the scene reads the header anew. */
export function forgetChanged({ cache }: OpenSettings): (error: unknown) => never {
  return (error) => {
    if (failureCode(error) === 'source.changed') cache?.headers.forget(cache.key);
    throw error;
  };
}
