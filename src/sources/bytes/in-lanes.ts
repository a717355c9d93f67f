import { setMaxListeners } from 'node:events';

/**
 * Work on items side by side, at most `lanes` at a time. The first failure aborts the rest, and nothing is still at
 * work when the promise settles.
 * @throws the first failure; the reason of `signal` once it is aborted
 */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // one for each item under way is no leak
  const forward = () => stop.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) {
      stop.signal.throwIfAborted();
      await work(item, stop.signal);
    }
  };
  const guarded = () => lane().catch((error: unknown) => stop.abort(error));
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, guarded));
  signal.removeEventListener('abort', forward);
  stop.signal.throwIfAborted();
}
