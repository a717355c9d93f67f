/**
 * Do something under a caller's signal and a deadline of its own; whichever comes first aborts it.
 * @param late the reason once the deadline is over
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  seconds: number,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const forward = () => stop.abort(signal.reason);
  const timer = setTimeout(() => stop.abort(late()), seconds * 1000);
  signal.addEventListener('abort', forward, { once: true });
  try {
    return await work(stop.signal);
  } catch (error) {
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}
