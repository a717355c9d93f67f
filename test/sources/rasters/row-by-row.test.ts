import { describe, expect, it } from 'vitest';
import { rowByRow } from '../../../src/sources/rasters/row-by-row.ts';

const { signal } = new AbortController();

/** Some work that takes at least a millisecond. */
function busy(): void {
  for (const until = performance.now() + 1; performance.now() < until; );
}

describe('rowByRow', () => {
  it('works on every row once, in order', async () => {
    const rows: number[] = [];
    await rowByRow(50, signal, (row) => {
      busy();
      rows.push(row);
    });
    expect(rows).toEqual(Array.from({ length: 50 }, (_, row) => row));
    await rowByRow(0, signal, () => expect.unreachable());
  });

  it('lets other work of the thread in between', async () => {
    let others = 0;
    const timer = setInterval(() => {
      others += 1;
    }, 1);
    await rowByRow(50, signal, busy);
    clearInterval(timer);
    expect(others).toBeGreaterThan(1);
  });

  it('stops when nobody wants the rest', async () => {
    const abort = new AbortController();
    let done = 0;
    setImmediate(() => abort.abort(new Error('enough')));
    const work = rowByRow(10_000, abort.signal, () => {
      busy();
      done += 1;
    });
    await expect(work).rejects.toThrow('enough');
    expect(done).toBeLessThan(10_000);
  });
});
