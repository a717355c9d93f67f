import { Bag } from './bag.ts';

/** One listener for each signal, however many wait for it: to add one, a signal looks through all that it has. */
const waiting = new WeakMap<AbortSignal, Bag<() => void>>();

/**
 * Has a listener told when a signal is aborted, at once if it is already. A listener tells once, and is one function for
 * each wait.
 * @returns has it told no more
 */
export function whenAborted(signal: AbortSignal, tell: () => void): () => void {
  if (signal.aborted) {
    tell();
    return () => {};
  }
  const found = waiting.get(signal) ?? listenTo(signal);
  const place = found.add(tell);
  return () => found.remove(tell, place);
}

function listenTo(signal: AbortSignal): Bag<() => void> {
  const all = new Bag<() => void>();
  const tellAll = () =>
    all.each((tell, place) => {
      all.remove(tell, place);
      tell();
    });
  signal.addEventListener('abort', tellAll, { once: true });
  waiting.set(signal, all);
  return all;
}
