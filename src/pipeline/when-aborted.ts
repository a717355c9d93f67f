/** One listener for each signal, however many wait for it: to add one, a signal looks through all that it has. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

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
  found.add(tell);
  return () => found.delete(tell);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>();
  const tellAll = () => {
    for (const tell of all) tell();
    all.clear();
  };
  signal.addEventListener('abort', tellAll, { once: true });
  waiting.set(signal, all);
  return all;
}
