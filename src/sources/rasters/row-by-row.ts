import { setImmediate as breathe } from 'node:timers/promises';

/** Longest that other work of the thread has to wait, in milliseconds; a row that takes longer is finished first. */
const SLICE_MS = 4;

/**
 * Works on the rows of a raster in order. Rasters may have millions of pixels, and the thread has heartbeats to send
 * and probes to answer: it is let go every few milliseconds.
 * @throws the reason of `signal` once it is aborted, though not for work that is done within the first milliseconds
 */
export async function rowByRow(rows: number, signal: AbortSignal, work: (row: number) => void): Promise<void> {
  let since = performance.now();
  for (let row = 0; row < rows; row += 1) {
    work(row);
    if (performance.now() - since < SLICE_MS) continue;
    await breathe();
    signal.throwIfAborted();
    since = performance.now();
  }
}
