import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRanges, MAX_METADATA_BYTES } from '../../../../src/sources/messages/kafka/finished-ranges.ts';
import { OffsetTracker } from '../../../../src/sources/messages/kafka/offset-tracker.ts';

describe('OffsetTracker', () => {
  it('knows no watermark before the first message', () => {
    const tracker = new OffsetTracker();
    expect([tracker.watermark, tracker.progress, tracker.metadata]).toEqual([undefined, undefined, '']);
  });

  it('stays at the lowest unfinished offset and goes to the next position when all are finished', () => {
    const tracker = new OffsetTracker();
    for (const offset of [5, 6, 9]) expect(tracker.accept(offset)).toBe(true);
    tracker.finish(6);
    expect(tracker.watermark).toBe(5);
    tracker.finish(5);
    expect(tracker.watermark).toBe(9);
    tracker.finish(9);
    expect(tracker.watermark).toBe(10);
  });

  it('rejects what it was given before, finished or not', () => {
    const tracker = new OffsetTracker();
    tracker.accept(3);
    tracker.accept(4);
    tracker.finish(4);
    expect([tracker.accept(3), tracker.accept(4), tracker.accept(5)]).toEqual([false, false, true]);
  });

  it('goes past the marker at the end of a batch, but never back', () => {
    const tracker = new OffsetTracker();
    tracker.accept(3);
    tracker.skipTo(5);
    tracker.finish(3);
    expect(tracker.watermark).toBe(5);
    tracker.skipTo(4);
    expect(tracker.watermark).toBe(5);
  });

  it('tells what is finished above the watermark, holes included, and takes it up again', () => {
    const tracker = new OffsetTracker();
    for (const offset of [10, 11, 12, 13, 17]) tracker.accept(offset);
    for (const offset of [11, 12]) tracker.finish(offset);
    expect(tracker.progress).toEqual({
      offset: 10,
      finished: [
        { start: 11, end: 13 },
        { start: 14, end: 17 },
      ],
    });
    const next = new OffsetTracker(tracker.progress);
    expect([10, 11, 12, 13, 17, 18].map((offset) => next.accept(offset))).toEqual([
      true,
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it('takes no more messages than a commit can tell of, whatever order they finish in', () => {
    const tracker = new OffsetTracker();
    let offset = 0;
    while (tracker.hasRoom) tracker.accept(offset++);
    expect(tracker.inFlight).toBeGreaterThan(500); // more than may be fetched ahead
    for (let odd = 1; odd < offset; odd += 2) tracker.finish(odd);
    expect(tracker.metadata.length).toBeLessThanOrEqual(MAX_METADATA_BYTES);
    expect(decodeRanges(0, tracker.metadata)).toEqual(tracker.progress?.finished);
  });

  it('holds its promises through 100 000 schedules of messages, changes of the group, crashes and returns', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const log = new PartitionLog();
        for (const { kind, n } of steps) log[kind](n);
        log.finishAll();
      }),
      { numRuns: 100_000, seed: 7 },
    );
  });
});

const weighted = (kind: 'accept' | 'finish' | 'commit' | 'rewind' | 'crash' | 'move', weight: number) => ({
  weight,
  arbitrary: fc.record({ kind: fc.constant(kind), n: fc.nat({ max: 1000 }) }),
});
const step = fc.oneof(
  weighted('accept', 6),
  weighted('finish', 6),
  weighted('commit', 2),
  weighted('rewind', 1),
  weighted('crash', 1),
  weighted('move', 1),
);

/** A partition with holes, its consumer, and the commit that outlives both; checks the laws at every step. */
class PartitionLog {
  #tracker = new OffsetTracker();
  #committed: { offset: number; metadata: string } | undefined;
  #position = 0;
  #inFlight: number[] = [];
  /** Finished ever; a member that was killed may have finished more than it committed. */
  readonly #finished = new Set<number>();
  /** Finished by the member of the moment. */
  #mine = new Set<number>();
  readonly #known = new Set<number>();
  #watermark = 0;

  /** Compaction and markers leave holes, the same for everybody. */
  #isMessage(offset: number): boolean {
    return offset % 5 !== 3 && offset % 7 !== 2;
  }

  accept(): void {
    while (!this.#isMessage(this.#position)) this.#position += 1;
    const offset = this.#position;
    if (this.#tracker.accept(offset)) {
      expect(this.#finished.has(offset) && this.#isCommitted(offset)).toBe(false);
      expect(this.#inFlight.includes(offset)).toBe(false);
      this.#inFlight.push(offset);
    }
    this.#known.add(offset);
    this.#position = offset + 1;
    this.#check();
  }

  finish(n: number): void {
    if (this.#inFlight.length === 0) return;
    const [offset = 0] = this.#inFlight.splice(n % this.#inFlight.length, 1);
    expect(this.#tracker.finish(offset)).toBe(true);
    this.#finished.add(offset);
    this.#mine.add(offset);
    this.#check();
  }

  commit(): void {
    const offset = this.#tracker.watermark;
    if (offset === undefined) return;
    expect(offset).toBeGreaterThanOrEqual(this.#committed?.offset ?? 0);
    this.#committed = { offset, metadata: this.#tracker.metadata };
  }

  /** The partition stays ours; kafkajs goes back to what was committed. */
  rewind(): void {
    this.#position = this.#committed?.offset ?? 0;
  }

  /** The member is killed: another one goes on from the last commit, and what was in flight is lost. */
  crash(): void {
    const { offset, metadata } = this.#committed ?? { offset: 0, metadata: '' };
    const progress = { offset, finished: decodeRanges(offset, metadata) };
    this.#tracker = new OffsetTracker(this.#committed && progress);
    if (this.#committed) expect(this.#tracker.progress).toEqual({ ...progress });
    this.#inFlight = [];
    this.#mine = new Set();
    this.#watermark = this.#tracker.watermark ?? 0; // a new generation
    this.#position = offset;
  }

  /** A rebalance in good order: everything finished is committed first, so the next owner knows exactly that. */
  move(): void {
    const mine = this.#mine;
    this.commit();
    this.crash();
    for (const offset of mine) expect(this.#isCommitted(offset)).toBe(true);
    for (const offset of this.#known) if (!this.#finished.has(offset)) expect(this.#isCommitted(offset)).toBe(false);
  }

  finishAll(): void {
    this.rewind();
    while (this.#position <= Math.max(...this.#known)) this.accept();
    while (this.#inFlight.length > 0) this.finish(0);
    expect([...this.#known].every((offset) => this.#finished.has(offset))).toBe(true);
    expect(this.#tracker.inFlight).toBe(0);
  }

  #isCommitted(offset: number): boolean {
    if (this.#committed === undefined) return false;
    const { offset: watermark, metadata } = this.#committed;
    const ranges = decodeRanges(watermark, metadata);
    return offset < watermark || ranges.some(({ start, end }) => offset >= start && offset < end);
  }

  #check(): void {
    const watermark = this.#tracker.watermark ?? 0;
    expect(watermark).toBeGreaterThanOrEqual(this.#watermark);
    for (const offset of this.#inFlight) expect(offset).toBeGreaterThanOrEqual(watermark);
    for (const offset of this.#known) if (offset < watermark) expect(this.#finished.has(offset)).toBe(true);
    this.#watermark = watermark;
  }
}
