import { Observable } from 'rxjs';
import { Bag } from './bag.ts';

/** What was begun, and how to have it left undone. */
export type Work<R> = {
  readonly result: Promise<R>;
  /** Nobody waits for the result any more. */
  readonly stop: () => void;
};

/**
 * Works on items in a fixed number of lanes; the one place that says `new Observable`. A lane asks for its next item only
 * when it has finished the one before, so no more items are taken than there are lanes (`mergeMap(project, lanes)` limits
 * the work, but takes everything). The iterator is returned when the work ends, fails or is abandoned.
 */
export function pull<T, R>(items: AsyncIterable<T>, begin: (item: T) => Work<R>, lanes: number): Observable<R> {
  return new Observable((subscriber) => {
    const iterator = items[Symbol.asyncIterator]();
    const underWay = new Bag<Work<R>>();
    subscriber.add(() => {
      underWay.each(({ stop }) => stop());
      void iterator.return?.();
    });
    let open = lanes;
    const fail = (error: unknown) => subscriber.error(error);
    const take = () => void iterator.next().then(start).catch(fail);
    const start = (next: IteratorResult<T>) => {
      if (subscriber.closed) return;
      if (next.done) {
        open -= 1;
        if (open === 0) subscriber.complete();
        return;
      }
      const work = begin(next.value);
      const place = underWay.add(work);
      const finish = (result: R) => {
        underWay.remove(work, place);
        subscriber.next(result);
        if (!subscriber.closed) take();
      };
      work.result.then(finish, fail);
    };
    for (let lane = 0; lane < lanes; lane += 1) take();
  });
}
