import { defer, EMPTY, finalize, from, merge, mergeMap, Observable, type ObservableInput, of, repeat } from 'rxjs';

/** The two ways into RxJS that Saccade needs and RxJS does not have; nothing else says `new Observable`. */

/**
 * Works on items in a fixed number of lanes. A lane asks for its next item only when it has finished the one before, so
 * no more items are taken than there are lanes (`mergeMap(project, lanes)` limits the work, but takes everything).
 * The iterator is returned when the work ends, fails or is abandoned.
 */
export function pull<T, R>(
  items: AsyncIterable<T>,
  project: (item: T) => ObservableInput<R>,
  lanes: number,
): Observable<R> {
  return defer(() => {
    const iterator = items[Symbol.asyncIterator]();
    let done = false;
    const lane = defer(() => iterator.next()).pipe(
      mergeMap((next): Observable<R> => {
        if (!next.done) return from(project(next.value));
        done = true;
        return EMPTY;
      }),
      repeat({ delay: () => (done ? EMPTY : of(true)) }),
    );
    return merge(...Array.from({ length: lanes }, () => lane)).pipe(finalize(() => void iterator.return?.()));
  });
}

/** A promise that is told when nobody waits for it any more: unsubscribing aborts the signal. */
export function cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const abandoned = new AbortController();
    let isOver = false;
    work(abandoned.signal).then(
      (value) => {
        isOver = true;
        subscriber.next(value);
        subscriber.complete();
      },
      (error: unknown) => {
        isOver = true;
        subscriber.error(error);
      },
    );
    return () => {
      if (!isOver) abandoned.abort(); // to abort makes an error with a stack, for each stage of each scene
    };
  });
}
