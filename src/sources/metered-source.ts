import type { ReadCost } from '../scene.ts';
import type { ByteRange, ByteSource } from './byte-source.ts';

/**
 * A source that keeps account. Reads that are under way together are one trip, since none waits for another.
 * @param cost counted up as bytes arrive
 */
export function meteredSource(source: ByteSource, cost: ReadCost): ByteSource {
  let underWay = 0;
  return {
    href: source.href,
    get identity() {
      return source.identity;
    },
    async read(range: ByteRange, signal: AbortSignal) {
      if (underWay === 0) cost.trips += 1;
      underWay += 1;
      cost.requests += 1;
      try {
        const bytes = await source.read(range, signal);
        cost.bytes += bytes.length;
        return bytes;
      } finally {
        underWay -= 1;
      }
    },
  };
}
