import {
  defaultIfEmpty,
  fromEvent,
  identity,
  type MonoTypeOperatorFunction,
  type OperatorFunction,
  takeUntil,
} from 'rxjs';

/** Drops the work on a message that has gone to somebody else, and emits undefined in its place. */
export function unlessLost<T>(lost: AbortSignal | undefined): OperatorFunction<T, T | undefined> {
  const abandon: MonoTypeOperatorFunction<T> = lost === undefined ? identity : takeUntil(fromEvent(lost, 'abort'));
  return (work) => work.pipe(abandon, defaultIfEmpty(undefined));
}
