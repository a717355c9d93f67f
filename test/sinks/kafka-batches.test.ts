import type { IHeaders } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { KafkaBatches } from '../../src/sinks/kafka-batches.ts';

const record = (key: string, bytes = 10, headers: IHeaders = {}) => ({ key, value: Buffer.alloc(bytes), headers });

class TooLarge extends Error {}
class Odd extends Error {}

/** A topic that refuses batches above a size, and answers when it is told to. */
class Topic {
  readonly batches: string[][] = [];
  readonly taken = new Set<string>();
  limit = Number.POSITIVE_INFINITY;
  failure: Error | undefined;
  #answers: (() => void)[] = [];
  holds = false;

  readonly records = new KafkaBatches<ReturnType<typeof record>>({
    send: (records) => this.#send(records),
    isTaken: ({ key }) => this.taken.has(key),
    isRefusal: (error) => error instanceof TooLarge || error instanceof Odd,
    isTooLarge: (error) => error instanceof TooLarge,
  });

  answer(): void {
    this.holds = false;
    for (const answer of this.#answers.splice(0)) answer();
  }

  async #send(records: readonly ReturnType<typeof record>[]): Promise<void> {
    this.batches.push(records.map(({ key }) => key));
    if (this.holds) await new Promise<void>((resolve) => this.#answers.push(resolve));
    if (this.failure) throw this.failure;
    if (records.reduce((sum, { value }) => sum + value.length, 0) > this.limit) throw new TooLarge();
  }
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('KafkaBatches', () => {
  it('sends together what comes together, in order, and at once what comes alone', async () => {
    const topic = new Topic();
    await Promise.all(['a', 'b', 'c'].map((key) => topic.records.send(record(key))));
    await topic.records.send(record('d'));
    expect(topic.batches).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('gathers what comes while its batches are under way', async () => {
    const topic = new Topic();
    topic.holds = true;
    const sent: Promise<void>[] = [];
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      sent.push(topic.records.send(record(key)));
      await turn();
    }
    expect(topic.batches).toEqual([['a'], ['b'], ['c']]);
    topic.answer();
    await Promise.all(sent);
    expect(topic.batches.slice(3)).toEqual([['d', 'e']]);
  });

  it('sends what has headers without a value, alone or among others of the same name', async () => {
    const topic = new Topic();
    const headers = { trace: null, several: ['a', null] } as unknown as IHeaders; // as kafkajs reads them
    await topic.records.send(record('a', 10, headers));
    expect(topic.batches).toEqual([['a']]);
  });

  it('says for how long it has had something to send and nothing became safe', async () => {
    const topic = new Topic();
    expect(topic.records.stuckSeconds).toBe(0);
    topic.holds = true;
    const sent = topic.records.send(record('a'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(topic.records.stuckSeconds).toBeGreaterThan(0.02);
    topic.answer();
    await sent;
    await turn();
    expect(topic.records.stuckSeconds).toBe(0);
  });

  it('sends no more at once than a broker takes, but any record on its own', async () => {
    const topic = new Topic();
    const large = ['a', 'b', 'c'].map((key) => topic.records.send(record(key, 300_000)));
    await Promise.all([...large, topic.records.send(record('huge', 900_000))]);
    expect(topic.batches).toEqual([['a'], ['b'], ['c'], ['huge']]);
  });

  it('finds the one that is refused, sends the others, and then smaller batches', async () => {
    const topic = new Topic();
    topic.limit = 100_000;
    const ends = await Promise.allSettled(
      [20_000, 200_000, 30_000].map((bytes, n) => topic.records.send(record(`${n}`, bytes))),
    );
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    topic.batches.splice(0);
    await Promise.all([60_000, 60_000, 60_000].map((bytes, n) => topic.records.send(record(`${n}`, bytes)))); // two fit no more
    expect(topic.batches.map((batch) => batch.length)).toEqual([2, 1, 1, 1]);
    topic.batches.splice(0);
    await Promise.all([40_000, 40_000, 40_000].map((bytes, n) => topic.records.send(record(`${n}`, bytes))));
    expect(topic.batches).toEqual([['0'], ['1'], ['2']]);
  });

  it('goes on with large batches after refusals for another reason than size', async () => {
    const topic = new Topic();
    topic.failure = new Odd();
    for (let n = 0; n < 20; n += 1)
      await Promise.allSettled(['a', 'b'].map((key) => topic.records.send(record(key, 10_000))));
    topic.failure = undefined;
    topic.batches.splice(0);
    await Promise.all(['a', 'b', 'c', 'd'].map((key) => topic.records.send(record(key, 100_000))));
    expect(topic.batches).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('tells every sender of what keeps all of them back, and does not try each', async () => {
    const topic = new Topic();
    topic.failure = new Error('no broker');
    const ends = await Promise.allSettled(['a', 'b'].map((key) => topic.records.send(record(key))));
    expect(ends.map((end) => end.status === 'rejected' && end.reason)).toEqual([topic.failure, topic.failure]);
    expect(topic.batches).toHaveLength(1);
  });

  it('sends nothing again of what has been taken of a batch that failed', async () => {
    const topic = new Topic();
    topic.taken.add('a');
    topic.failure = new Error('no broker');
    const ends = await Promise.allSettled(['a', 'b'].map((key) => topic.records.send(record(key))));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    topic.failure = new TooLarge();
    await Promise.allSettled(['a', 'b', 'c'].map((key) => topic.records.send(record(key))));
    expect(topic.batches).toEqual([['a', 'b'], ['a', 'b', 'c'], ['b'], ['c']]);
  });
});
