import { from, Observable, type ObservableInput, type Subscription } from 'rxjs';

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
  return new Observable((subscriber) => {
    const iterator = items[Symbol.asyncIterator]();
    subscriber.add(() => void iterator.return?.());
    const fail = (error: unknown) => subscriber.error(error);
    let open = lanes;
    const startLane = () => {
      let work: Subscription | undefined;
      const take = () => void iterator.next().then(begin).catch(fail);
      const begin = (next: IteratorResult<T>) => {
        if (subscriber.closed) return;
        if (!next.done) work = from(project(next.value)).subscribe({ next: give, error: fail, complete: take });
        else if (--open === 0) subscriber.complete();
      };
      subscriber.add(() => work?.unsubscribe());
      take();
    };
    const give = (result: R) => subscriber.next(result);
    for (let lane = 0; lane < lanes; lane += 1) startLane();
  });
}

/**
 * A promise that is told when it is no longer wanted: the signal is aborted when nobody waits any more, and when the
 * work has failed but left something under way.
 */
export function cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const abandoned = new AbortController();
    let isDone = false;
    work(abandoned.signal).then(
      (value) => {
        isDone = true;
        subscriber.next(value);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      if (!isDone) abandoned.abort(); // to abort makes an error with a stack, so not for each scene
    };
  });
}
