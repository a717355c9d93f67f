import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Makes V8 collect garbage each time the heap of this thread has grown by three tenths, as long as that is seldom. Left
 * alone it lets a heap of 50 MB grow by half and more before it looks, and a service's memory seems to leak for its first
 * hundreds of scenes; by a tenth it collects three times as often, and memory is the same. Where messages come by the
 * thousand a second, three tenths are used up in a moment, and collecting would be a quarter of the work: then the heap may
 * grow to three times as much until there is less to do. V8 reads the flag when a whole collection ends, so one is made here: call it
 * when all is loaded, before the work begins.
 */
export function keepHeapSteady(setFlag: (flag: string) => void = setFlagsFromString): void {
  let room: Room = 'steady';
  let last = Number.NEGATIVE_INFINITY;
  let gaps: readonly number[] = [];
  const give = (next: Room) => {
    room = next;
    setFlag(`--heap-growing-percent=${PERCENT[room]}`);
  };
  new PerformanceObserver((collections) => {
    for (const { startTime, detail } of collections.getEntries() as Collection[]) {
      if (detail?.kind !== constants.NODE_PERFORMANCE_GC_MAJOR) continue;
      gaps = [...gaps, (startTime - last) / 1000].slice(-IN_A_ROW);
      last = startTime;
      const next = roomAfter(gaps, room);
      if (next !== room) give(next);
    }
  }).observe({ entryTypes: ['gc'] });
  give('steady');
  setFlag('--expose-gc'); // in contexts that are made from now on
  runInNewContext('gc()');
}

type Collection = PerformanceEntry & { readonly detail?: { readonly kind?: number } };

/** How much a heap may grow before it is collected. */
export type Room = 'steady' | 'free';
const PERCENT: Readonly<Record<Room, number>> = { steady: 30, free: 200 };

/** So many whole collections nearer to each other than this cost too much; further apart than the second one costs next to nothing. */
const IN_A_ROW = 4;
const OFTEN_SECONDS = 0.5;
const SELDOM_SECONDS = 5;

/** @param gaps seconds between the last whole collections, the latest last */
export function roomAfter(gaps: readonly number[], room: Room): Room {
  if (gaps.length >= IN_A_ROW && gaps.every((seconds) => seconds < OFTEN_SECONDS)) return 'free';
  return (gaps.at(-1) ?? 0) > SELDOM_SECONDS ? 'steady' : room;
}
