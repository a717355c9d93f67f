import { SceneError } from '../../errors.ts';
import type { ReadCost } from '../../scene.ts';
import type { ByteSource } from './byte-source.ts';
import { readThrough } from './read-through.ts';

/** What reading one file may cost. */
export type ReadBudget = { readonly megabytes: number; readonly requests: number };

const unbounded: ReadBudget = { megabytes: Number.POSITIVE_INFINITY, requests: Number.POSITIVE_INFINITY };

/**
 * A source that keeps account, and asks for nothing that its budget does not cover. Reads that are under way together
 * are one trip, since none waits for another.
 * @param cost counted up with each read, whether it came to its end or broke off
 */
export function meteredSource(source: ByteSource, cost: ReadCost, budget: ReadBudget = unbounded): ByteSource {
  let underWay = 0;
  let promised = 0;
  return readThrough(source, async (range, signal) => {
    const bytes = cost.bytes + promised + range.length;
    if (bytes > 1e6 * budget.megabytes || cost.requests >= budget.requests) throw tooMuch(source.href, bytes, budget);
    if (underWay === 0) cost.trips += 1;
    underWay += 1;
    promised += range.length;
    cost.requests += 1;
    let came = 0;
    try {
      const bytes = await source.read(range, signal, (bytes) => (came += bytes));
      came = Math.max(came, bytes.length); // not every source tells of bytes before it has all
      return bytes;
    } finally {
      cost.bytes += came;
      underWay -= 1;
      promised -= range.length;
    }
  });
}

function tooMuch(href: string, bytes: number, { megabytes, requests }: ReadBudget): SceneError {
  const wanted = `${href}: reading on would make ${bytes} bytes, or more than ${requests} requests`;
  return new SceneError('budget.exceeded', `${wanted}; a scene may cost ${megabytes} MB in ${requests} requests`);
}
