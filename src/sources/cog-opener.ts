import type { ByteSource } from './bytes/byte-source.ts';
import { hostLanes } from './bytes/host-lanes.ts';
import { hostPaces } from './bytes/host-paces.ts';
import type { ReadBudget } from './bytes/metered-source.ts';
import { type RangeRetries, rangeRetries } from './bytes/retrying-source.ts';
import { sharedSource } from './bytes/shared-source.ts';
import type { Cog } from './cog.ts';
import { fileKey } from './file-key.ts';
import { firstReads } from './first-reads.ts';
import { headerCache } from './header-cache.ts';
import { openCog } from './open-cog.ts';

export type OpenerSettings = {
  /** Reads of one host at a time; 16 by default. */
  readonly maxConnections?: number;
  /** Of the first read of a file of which nothing is known. */
  readonly firstReadBytes: number;
  /** Read header and overview in one, by a guess; false by default. */
  readonly twoTrips?: boolean;
  /** In memory, for headers of files that were read before; 64 MB by default. */
  readonly headerCacheBytes?: number;
  /** How a range that did not come is asked for again. */
  readonly retries?: RangeRetries;
  /** For each scene; none: whatever it costs. */
  readonly budget?: ReadBudget;
};

/** What is known of a file before it is opened. */
export type OpenHints = {
  /** How long its header is. */
  readonly headerBytes?: number | undefined;
  /** Read every index table whole, and nothing by what was learned of other files: for those who look into this one. */
  readonly wholeIndex?: boolean | undefined;
};

/** What reading has come to so far. */
export type ReadFigures = { readonly headerHits: number; readonly headerMisses: number; readonly retries: number };

/** Opens files, and holds what all reads have in common: lanes and paces of hosts, headers, and how long those are. */
export type CogOpener = {
  /**
   * @param options also what may be spent on this file, in place of the settings'
   * @throws what `openCog` throws
   */
  open(
    href: string,
    source: ByteSource,
    signal: AbortSignal,
    options?: OpenHints & { readonly budget?: ReadBudget | undefined },
  ): Promise<Cog>;
  readonly figures: ReadFigures;
};

const HEADER_CACHE_BYTES = 64_000_000;

export function cogOpener(settings: OpenerSettings): CogOpener {
  const { maxConnections = 16, twoTrips = false, headerCacheBytes = HEADER_CACHE_BYTES } = settings;
  const traffic = { lanes: hostLanes(maxConnections), paces: hostPaces() };
  const first = firstReads({ firstReadBytes: settings.firstReadBytes, twoTrips });
  const headers = headerCache(headerCacheBytes);
  let retries = 0;
  return {
    async open(href, source, signal, { headerBytes, wholeIndex, budget = settings.budget } = {}) {
      const place = source.href;
      const bytes = wholeIndex ? settings.firstReadBytes : first.bytes(place, headerBytes);
      return openCog(sharedSource(source, traffic), bytes, signal, {
        budget,
        wholeIndex,
        cache: { headers, key: fileKey(href) },
        retries: settings.retries ?? rangeRetries,
        retrying: () => (retries += 1),
        learn: (what, end) => first.learn(place, what, end),
      });
    },
    get figures() {
      return { headerHits: headers.hits, headerMisses: headers.misses, retries };
    },
  };
}
