import { defaultIfEmpty, fromEvent, type Observable, type OperatorFunction, share, takeUntil } from 'rxjs';

/** One listener for each signal, however many messages it speaks for: to add one looks through all that are there. */
const losses = new WeakMap<AbortSignal, Observable<unknown>>();

/** Drops the work on a message that has gone to somebody else, and emits undefined in its place. */
export function unlessLost<T>(lost: AbortSignal | undefined): OperatorFunction<T, T | undefined> {
  if (lost === undefined) return (work) => work;
  return (work) => work.pipe(takeUntil(lossOf(lost)), defaultIfEmpty(undefined));
}

function lossOf(lost: AbortSignal): Observable<unknown> {
  const loss = losses.get(lost) ?? fromEvent(lost, 'abort').pipe(share());
  losses.set(lost, loss);
  return loss;
}
