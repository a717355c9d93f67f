import { createRequire } from 'node:module';
import type { IHeaders, Message } from 'kafkajs';
import { expectKafkajs } from '../expect-kafkajs.ts';

/** What is used of a request of kafkajs to a broker, and of its answer. */
type Produce = {
  readonly transactionalId?: string | null;
  readonly producerId: unknown;
  readonly topicData: readonly Topic[];
};
type Topic = { readonly topic: string; readonly partitions: readonly Partition[] };
type Partition = { readonly partition: number; readonly messages: readonly object[] };
type Answer = { readonly topics: readonly AnsweredTopic[] };
type AnsweredTopic = {
  readonly topicName: string;
  readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[];
};
type Broker = { produce(request: Produce): Promise<Answer> };

/** A record that is sent until it is taken, and no more. It stays the same object in all of kafkajs's tries. */
export class OnceRecord implements Message {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers: IHeaders;
  readonly partition?: number;
  readonly timestamp?: string;
  /** A broker has said that it is safe. */
  taken = false;
  /** A broker has been asked to take it; settles once it has answered, or will not. */
  asked: Promise<unknown> | undefined;

  constructor({ key = null, value, headers = {}, partition, timestamp }: Message) {
    this.key = key;
    this.value = value;
    this.headers = headers;
    if (partition !== undefined) this.partition = partition;
    if (timestamp !== undefined) this.timestamp = timestamp;
  }
}

const require = createRequire(import.meta.url);
const { prototype: broker }: { prototype: Broker } = require('kafkajs/src/broker/index.js');
/** Of the newest version that kafkajs speaks, and every broker since Kafka 2.1. */
const response: {
  parse(answer: Answer): Promise<Answer>;
} = require('kafkajs/src/protocol/requests/produce/v7/response.js');
const { produce } = broker;
const { parse } = response;

/**
 * Has kafkajs 2.2.4 send again only what has not been taken. When one partition of a request is not taken, it sends the
 * whole request again, since it reads no further in the answer than to the first error; and when one broker fails, it
 * asks all others again that have not answered yet. Here each record knows what has become of it: one that is taken is
 * left out of later requests, and one that a broker has been asked to take waits for the answer. Only where there is
 * none, since the connection broke or the time was up, may a record come twice. Other records than these are sent as
 * ever. May be called twice.
 * @throws {Error} for another version of kafkajs
 */
export function sendOnlyWhatIsLeft(): void {
  expectKafkajs();
  response.parse = async (answer) => answer; // `ask` throws for its errors, once it has seen what was taken
  broker.produce = async function produceWhatIsLeft(this: Broker, request) {
    // Its sequence numbers are counted already, and tell the broker what it has had.
    if (request.transactionalId || Number(request.producerId) !== -1) return ask(this, request);
    for (let asked = askedOf(request); asked.size > 0; asked = askedOf(request)) await Promise.allSettled(asked);
    const topicData = request.topicData.map(whatIsLeft).filter(({ partitions }) => partitions.length > 0);
    if (topicData.length === 0) return { topics: [] };
    const asked = ask(this, { ...request, topicData });
    for (const topic of topicData) each(topic, (record) => (record.asked = asked));
    return asked.finally(() => {
      for (const topic of topicData) each(topic, (record) => (record.asked = undefined));
    });
  };
}

/**
 * Sends records until all are taken. A send that kafkajs calls done may have left some out (`sendMessages.js`): those of
 * a partition whose leader has moved, meanwhile, to a broker that had answered before, or that has no leader just then.
 * @param send of a producer; each record is sent once, however often it is given
 * @throws {Error} when some records are not taken; others may be
 */
export async function sendUntilTaken(
  send: (records: OnceRecord[]) => Promise<unknown>,
  records: readonly OnceRecord[],
): Promise<void> {
  let left = records.filter(({ taken }) => !taken);
  while (left.length > 0) {
    const before = left.length;
    await send(left);
    left = left.filter(({ taken }) => !taken);
    if (left.length === before) throw new Error(`${before} records were sent to no partition`);
  }
}

/** @throws what kafkajs makes of the first partition that has not taken its part */
async function ask(broker: Broker, request: Produce): Promise<Answer> {
  const answer = await produce.call(broker, request);
  for (const { topicName, partitions } of answer.topics) {
    const taken = new Set(partitions.flatMap(({ partition, errorCode }) => (errorCode === 0 ? [partition] : [])));
    const asked = request.topicData.find(({ topic }) => topic === topicName)?.partitions ?? [];
    const theirs = asked.filter(({ partition }) => taken.has(partition));
    each({ partitions: theirs }, (record) => (record.taken = true));
  }
  return parse(answer);
}

/** What brokers are being asked that have been given any of it. */
function askedOf({ topicData }: Produce): Set<Promise<unknown>> {
  const found = new Set<Promise<unknown>>();
  for (const topic of topicData) each(topic, ({ asked }) => asked && found.add(asked));
  return found;
}

function whatIsLeft({ topic, partitions }: Topic): Topic {
  const isLeft = (message: object) => !(message instanceof OnceRecord && message.taken);
  const left = partitions.map(({ messages, ...more }) => ({ ...more, messages: messages.filter(isLeft) }));
  return { topic, partitions: left.filter(({ messages }) => messages.length > 0) };
}

/** Has something done with each record, others than ours left out. */
function each({ partitions }: Pick<Topic, 'partitions'>, act: (record: OnceRecord) => unknown): void {
  for (const { messages } of partitions)
    for (const message of messages) if (message instanceof OnceRecord) act(message);
}
