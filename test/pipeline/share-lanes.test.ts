import { describe, expect, it } from 'vitest';
import { SceneError } from '../../src/errors.ts';
import { HostShares } from '../../src/pipeline/host-shares.ts';
import { SharedLanes } from '../../src/pipeline/share-lanes.ts';
import type { Delivery, Message, Outcome } from '../../src/scene.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Hands out messages named by their hrefs, and notes what is told of them. */
class Bench {
  readonly clock = { now: 0 };
  readonly stop = new AbortController();
  readonly lost = new AbortController();
  readonly told: string[] = [];
  taken = 0;
  readonly lanes: SharedLanes;

  constructor(hrefs: readonly string[], { lanes = 4, aside = 2, canPutOff = false } = {}) {
    const parts = {
      shares: new HostShares(lanes, () => this.clock.now),
      parse,
      canPutOff: () => canPutOff,
      signal: this.stop.signal,
    };
    this.lanes = new SharedLanes(this.#deliveries(hrefs), parts, { lanes, aside });
  }

  /** Scenes of two hosts, one of them twenty times as slow, so that it is known. */
  async learn(): Promise<void> {
    for (const seconds of [0.2, 4]) {
      const delivery = await this.next();
      this.clock.now += seconds;
      await this.finish(delivery, seconds);
    }
  }

  async next(): Promise<Delivery> {
    const { value } = await this.lanes.next();
    if (value === undefined) throw new Error('the end');
    return value;
  }

  async finish(delivery: Delivery, seconds = 1): Promise<void> {
    await delivery.settle(async () => {});
    this.lanes.sent({ kind: 'classified', message: delivery.message } as Outcome, seconds);
    await turn();
  }

  async *#deliveries(hrefs: readonly string[]): AsyncGenerator<Delivery, undefined> {
    for (const href of hrefs) {
      this.taken += 1;
      yield {
        message: { key: null, value: Buffer.from(href), headers: {}, origin: href },
        lost: this.lost.signal,
        aside: (waits) => void this.told.push(`${href} ${waits ? 'waits' : 'begins'}`),
        settle: (send) => send(),
      };
    }
  }
}

function parse({ value }: Message) {
  if (value?.length === 0) throw new SceneError('message.malformed', 'empty');
  return { id: String(value), href: String(value), properties: {} };
}

const quick = 'http://quick/1.tif';
const slow = (n: number) => `http://slow/${n}.tif`;
const hrefOf = ({ message }: Delivery) => message.origin;

describe('SharedLanes', () => {
  it('has scenes of a slow host wait aside once it has its share, while those of others go on', async () => {
    const bench = new Bench([quick, slow(0), slow(1), slow(2), slow(3), slow(4), quick]);
    await bench.learn();
    const begun = [await bench.next(), await bench.next(), await bench.next()];
    expect(begun.map(hrefOf)).toEqual([slow(1), slow(2), slow(3)]);
    expect(hrefOf(await bench.next())).toBe(quick);
    expect(bench.told).toEqual([`${slow(4)} waits`]);
    expect(bench.lanes.aside).toBe(1);
  });

  it('gives a lane to what waits once a scene of the host has ended, before anything new', async () => {
    const bench = new Bench([quick, slow(0), slow(1), slow(2), slow(3), slow(4), quick, quick]);
    await bench.learn();
    const [first] = [await bench.next(), await bench.next(), await bench.next()];
    const other = await bench.next();
    await bench.finish(first as Delivery);
    await bench.finish(other);
    expect(hrefOf(await bench.next())).toBe(slow(4));
    expect(bench.told).toEqual([`${slow(4)} waits`, `${slow(4)} begins`]);
  });

  it('takes no more than there is room for aside, what is on its way included', async () => {
    const many = Array.from({ length: 40 }, (_, n) => slow(n + 1));
    const bench = new Bench([quick, slow(0), ...many, quick], { lanes: 4, aside: 2 });
    await bench.learn();
    for (let n = 0; n < 3; n += 1) await bench.next();
    void bench.lanes.next();
    await turn();
    expect(bench.lanes.aside).toBe(6);
    expect(bench.taken).toBe(2 + 3 + 6);
  });

  it('has scenes without room leave for a retry topic, as failures that may pass', async () => {
    const bench = new Bench([quick, slow(0), ...[1, 2, 3, 4, 5, 6].map(slow), quick], { canPutOff: true });
    await bench.learn();
    for (let n = 0; n < 3; n += 1) await bench.next();
    const crowded = await bench.next();
    expect(hrefOf(crowded)).toBe(slow(6));
    expect(() => bench.lanes.parse(crowded.message)).toThrow('3 scenes of slow are being worked on, and 2 wait');
    expect(hrefOf(await bench.next())).toBe(quick);
  });

  it('ends only when what waits has been handed out, unless the end was asked for', async () => {
    for (const asked of [false, true]) {
      const bench = new Bench([quick, slow(0), ...[1, 2, 3, 4].map(slow)]);
      await bench.learn();
      const [first] = [await bench.next(), await bench.next(), await bench.next()];
      const last = bench.lanes.next();
      await turn();
      if (asked) bench.stop.abort();
      else await bench.finish(first as Delivery);
      expect((await last).done).toBe(asked);
      if (!asked) expect((await bench.lanes.next()).done).toBe(true);
    }
  });

  it('forgets what has gone to somebody else, in lanes and aside', async () => {
    const bench = new Bench([quick, slow(0), ...[1, 2, 3, 4].map(slow), 'x.tif', '']);
    await bench.learn();
    for (let n = 0; n < 3; n += 1) await bench.next();
    expect(hrefOf(await bench.next())).toBe('x.tif');
    bench.lost.abort();
    expect(hrefOf(await bench.next())).toBe('');
    expect(bench.lanes.aside).toBe(0);
  });

  it('keeps nothing of what was taken away in lanes, rebalance after rebalance', async () => {
    const shares = new HostShares(4, () => 0);
    const signal = new AbortController().signal;
    let lost = new AbortController();
    const deliveries = async function* (): AsyncGenerator<Delivery, undefined> {
      for (;;) {
        const message = { key: null, value: Buffer.from(quick), headers: {}, origin: quick };
        yield { message, lost: lost.signal, settle: (send) => send() };
      }
    };
    const lanes = new SharedLanes(
      deliveries(),
      { shares, parse, canPutOff: () => false, signal },
      { lanes: 4, aside: 2 },
    );
    for (let rebalance = 0; rebalance < 50; rebalance += 1) {
      for (let lane = 0; lane < 4; lane += 1) await lanes.next();
      lost.abort();
      lost = new AbortController();
    }
    expect(shares.underWay('quick')).toBeLessThanOrEqual(4);
  });

  it('parses a message once, and one that is malformed in its lane', async () => {
    const bench = new Bench([quick, '']);
    const [good, bad] = [await bench.next(), await bench.next()];
    expect(bench.lanes.parse(good.message).href).toBe(quick);
    expect(() => bench.lanes.parse(bad.message)).toThrow('empty');
  });

  it('fails the lanes with the error of the source', async () => {
    const broken: AsyncIterable<Delivery> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('gone')) }),
    };
    const parts = { shares: new HostShares(2, () => 0), parse, canPutOff: () => false };
    const lanes = new SharedLanes(broken, { ...parts, signal: new AbortController().signal }, { lanes: 2, aside: 2 });
    await expect(lanes.next()).rejects.toThrow('gone');
    await expect(lanes.next()).rejects.toThrow('gone');
  });
});
