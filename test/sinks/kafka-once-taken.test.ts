import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Message } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnceRecord, sendOnlyWhatIsLeft, sendUntilTaken } from '../../src/sinks/kafka-once-taken.ts';

const require = createRequire(import.meta.url);
const Broker = require('kafkajs/src/broker/index.js');
const createSendMessages = require('kafkajs/src/producer/sendMessages.js');
const createRetry = require('kafkajs/src/retry/index.js');
const response = require('kafkajs/src/protocol/requests/produce/v7/response.js');
const { KafkaJSConnectionClosedError } = require('kafkajs/src/errors.js');
const originals = { produce: Broker.prototype.produce, parse: response.parse };

type Sent = Pick<Message, 'value' | 'partition'>;
type Produce = {
  readonly producerId: number;
  readonly topicData: readonly { partitions: readonly { partition: number; messages: readonly Sent[] }[] }[];
};
/** What becomes of a partition's part of a request; `doubted` is taken, and yet answered with an error. */
type Answer = 'taken' | 'refused' | 'doubted';
type Event = { readonly answers: readonly Answer[]; readonly isAnswered: boolean; readonly milliseconds: number };

const PARTITIONS = 4;
const [TAKEN, NOT_LEADER] = [0, 6];
const silent = { debug() {}, error() {}, namespace: () => silent };

/** Two brokers, as kafkajs sees them. Each of their requests meets the next event; after the last one all goes well. */
class FakeCluster {
  readonly taken: Sent[] = [];
  /** Taken by a request that did not say so: once for each time. */
  readonly doubted: string[] = [];
  readonly targetTopics = new Set(['t']);
  producerId = -1;
  readonly #events: Event[];
  readonly #leaders = Array.from({ length: PARTITIONS }, (_, partition) => partition % 2);
  readonly #brokers = [0, 1].map((nodeId) => this.#broker(nodeId));

  constructor(events: readonly Event[] = []) {
    this.#events = [...events];
  }

  /** As a producer sends. */
  send(messages: readonly Sent[]): Promise<unknown> {
    const eosManager = {
      isTransactional: () => false,
      getProducerId: () => this.producerId,
      getProducerEpoch: () => 0,
      getSequence: () => 0,
      updateSequence() {},
      acquireBrokerLock() {},
      releaseBrokerLock() {},
    };
    const retrier = createRetry({ retries: 2, initialRetryTime: 1, maxRetryTime: 2 });
    const partitioner = ({ message }: { message: Sent }) => message.partition;
    const sendMessages = createSendMessages({ logger: silent, cluster: this, partitioner, eosManager, retrier });
    return sendMessages({ acks: -1, topicMessages: [{ topic: 't', messages }] });
  }

  async addMultipleTargetTopics() {}
  async refreshMetadataIfNecessary() {}
  async refreshMetadata() {}
  removeBroker() {}
  isConnected() {
    return true;
  }
  findTopicPartitionMetadata() {
    return this.#leaders;
  }
  findLeaderForPartitions(_: string, partitions: readonly string[]) {
    const found: Record<number, number[]> = {};
    for (const partition of partitions.map(Number)) {
      const leader = this.#leaders[partition] ?? 0;
      found[leader] = [...(found[leader] ?? []), partition];
    }
    return found;
  }
  async findBroker({ nodeId }: { nodeId: string }) {
    return this.#brokers[Number(nodeId)];
  }

  #broker(nodeId: number) {
    const connectionPool = { send: (request: Produce) => this.#answer(request), destroy() {} };
    const broker = new Broker({ connectionPool, logger: silent, nodeId });
    broker.lookupRequest = () => (request: Produce) => request;
    return broker;
  }

  /** As a connection does: it takes the answer apart, or throws. */
  async #answer({ topicData }: Produce): Promise<unknown> {
    const { answers = [], isAnswered = true, milliseconds = 0 } = this.#events.shift() ?? {};
    await sleep(milliseconds);
    const partitions = (topicData[0]?.partitions ?? []).map(({ partition, messages }) => {
      const answer = answers[partition] ?? 'taken';
      if (answer !== 'refused') this.taken.push(...messages);
      if (answer === 'doubted' || (answer === 'taken' && !isAnswered)) this.doubted.push(...valuesOf(messages));
      if (answer !== 'taken') this.#leaders[partition] = 1 - (this.#leaders[partition] ?? 0);
      return { partition, errorCode: answer === 'taken' ? TAKEN : NOT_LEADER };
    });
    await sleep(milliseconds);
    if (!isAnswered) throw new KafkaJSConnectionClosedError('Closed connection');
    return response.parse({ topics: [{ topicName: 't', partitions }] });
  }
}

const recordsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => new OnceRecord({ value: `${n}`, partition: (n * n) % PARTITIONS }));
const isEven = ({ partition = 0 }: Sent) => partition % 2 === 0;
const valuesOf = (records: readonly Sent[]) => records.map(({ value }) => String(value));

/** Tries again for as long as it takes. */
async function insist(cluster: FakeCluster, records: readonly OnceRecord[]): Promise<void> {
  await sendUntilTaken((left) => cluster.send(left), records).catch(() => insist(cluster, records));
}

const event = fc.record({
  answers: fc.array(fc.constantFrom<Answer>('taken', 'refused', 'doubted'), { maxLength: PARTITIONS }),
  isAnswered: fc.boolean(),
  milliseconds: fc.nat(3),
});

describe('sendOnlyWhatIsLeft', () => {
  beforeAll(() => {
    sendOnlyWhatIsLeft();
    sendOnlyWhatIsLeft();
  });
  afterAll(() => {
    Broker.prototype.produce = originals.produce;
    response.parse = originals.parse;
  });

  it('sends each record until it is taken, in the order of its partition, and again only where no answer said so', async () => {
    const schedule = fc.asyncProperty(
      fc.array(event, { maxLength: 12 }),
      fc.integer({ min: 1, max: 20 }),
      async (events, count) => {
        const [cluster, records] = [new FakeCluster(events), recordsOf(count)];
        // A try that took too long still goes on when the next one begins.
        await Promise.all([insist(cluster, records), sleep(2).then(() => insist(cluster, records))]);
        expect(records.every(({ taken }) => taken)).toBe(true);
        for (const { value } of records) {
          const times = cluster.taken.filter((one) => one.value === value).length;
          const doubts = cluster.doubted.filter((one) => one === value).length;
          expect(times).toBeGreaterThanOrEqual(1);
          expect(times).toBeLessThanOrEqual(doubts + 1);
        }
        for (let n = 0; n < PARTITIONS; n += 1) {
          const firsts = new Set(valuesOf(cluster.taken.filter(({ partition }) => partition === n)));
          expect([...firsts]).toEqual(valuesOf(records.filter(({ partition }) => partition === n)));
        }
      },
    );
    await fc.assert(schedule, { numRuns: 200, seed: 7 });
  });

  it('does not ask again a broker that has not answered yet when another one fails', async () => {
    const slow = { answers: [], isAnswered: true, milliseconds: 30 };
    const cluster = new FakeCluster([slow, { answers: [], isAnswered: false, milliseconds: 0 }]);
    const records = recordsOf(8);
    await insist(cluster, records);
    expect(valuesOf(cluster.taken.filter(isEven))).toEqual(valuesOf(records.filter(isEven)));
  });

  it('leaves out nothing of what an idempotent producer sends, nor of what others send', async () => {
    const refused: Event = { answers: ['taken', 'taken', 'refused'], isAnswered: true, milliseconds: 0 };
    const idempotent = new FakeCluster([refused]);
    idempotent.producerId = 77;
    const records = [0, 2].map((partition) => new OnceRecord({ value: `${partition}`, partition }));
    await insist(idempotent, records);
    expect(valuesOf(idempotent.taken)).toEqual(['0', '0', '2']); // the broker itself knows that it has the first
    const others = new FakeCluster();
    const record = { value: 'again', partition: 0 };
    await others.send([record]);
    await others.send([record]);
    expect(valuesOf(others.taken)).toEqual(['again', 'again']);
  });
});

describe('sendUntilTaken', () => {
  it('fails where nothing is taken of what is left', async () => {
    const sends: unknown[] = [];
    const sent = sendUntilTaken(async (records) => void sends.push(records), recordsOf(3));
    await expect(sent).rejects.toThrow('3 records were sent to no partition');
    expect(sends).toHaveLength(1);
  });
});
