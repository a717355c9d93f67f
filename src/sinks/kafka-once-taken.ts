import { createRequire } from 'node:module';
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

/** What has become of a record. */
type Fate = {
  taken: boolean;
  /** A broker has been asked to take it; settles once it has answered, or will not. */
  asked: Promise<unknown> | undefined;
};

const require = createRequire(import.meta.url);
const { prototype: broker }: { prototype: Broker } = require('kafkajs/src/broker/index.js');
/** Of the newest version that kafkajs speaks, and every broker since Kafka 2.1. */
const response: {
  parse(answer: Answer): Promise<Answer>;
} = require('kafkajs/src/protocol/requests/produce/v7/response.js');
const { produce } = broker;
const { parse } = response;

/** A record is the same object in all of kafkajs's tries. */
const fates = new WeakMap<object, Fate>();

/**
 * Has kafkajs 2.2.4 send again only what has not been taken. When one partition of a request is not taken, it sends the
 * whole request again, since it reads no further in the answer than to the first error; and when one broker fails, it
 * asks all others again that have not answered yet. Here each record is known by what has become of it: one that is
 * taken is left out of later requests, and one that a broker has been asked to take waits for the answer. Only where
 * there is none, since the connection broke or the time was up, may a record come twice. Of what other producers send
 * nothing is left out. May be called twice.
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
    const waiting = fatesOf(topicData);
    for (const fate of waiting) fate.asked = asked;
    return asked.finally(() => {
      for (const fate of waiting) fate.asked = undefined;
    });
  };
}

/**
 * Sends records until all are taken. A send that kafkajs calls done may have left some out (`sendMessages.js`): those of
 * a partition whose leader has moved, meanwhile, to a broker that had answered before, or that has no leader just then.
 * @param send of a producer; each record is sent once, however often it is given
 * @throws {Error} when some records are not taken; `isTaken` knows those that are
 */
export async function sendUntilTaken<T extends object>(
  send: (records: T[]) => Promise<unknown>,
  records: readonly T[],
): Promise<void> {
  for (const record of records) if (!fates.has(record)) fates.set(record, { taken: false, asked: undefined });
  let left = records.filter((record) => !isTaken(record));
  while (left.length > 0) {
    const before = left.length;
    await send(left);
    left = left.filter((record) => !isTaken(record));
    if (left.length === before) throw new Error(`${before} records were sent to no partition`);
  }
}

/** Whether a broker has said that the record is safe. */
export function isTaken(record: object): boolean {
  return fates.get(record)?.taken ?? false;
}

/** @throws what kafkajs makes of the first partition that has not taken its part */
async function ask(broker: Broker, request: Produce): Promise<Answer> {
  const answer = await produce.call(broker, request);
  for (const { topicName, partitions } of answer.topics) {
    const taken = new Set(partitions.flatMap(({ partition, errorCode }) => (errorCode === 0 ? [partition] : [])));
    const asked = request.topicData.filter(({ topic }) => topic === topicName);
    for (const fate of fatesOf(asked, (partition) => taken.has(partition))) fate.taken = true;
  }
  return parse(answer);
}

/** What brokers are being asked that have been given any of it. */
function askedOf({ topicData }: Produce): Set<Promise<unknown>> {
  return new Set(fatesOf(topicData).flatMap(({ asked }) => asked ?? []));
}

function whatIsLeft({ topic, partitions }: Topic): Topic {
  const left = partitions.map(({ messages, ...more }) => ({
    ...more,
    messages: messages.filter((one) => !isTaken(one)),
  }));
  return { topic, partitions: left.filter(({ messages }) => messages.length > 0) };
}

function fatesOf(topicData: readonly Topic[], counts = (_partition: number) => true): Fate[] {
  const partitions = topicData.flatMap((topic) => topic.partitions).filter(({ partition }) => counts(partition));
  return partitions.flatMap(({ messages }) => messages.flatMap((message) => fates.get(message) ?? []));
}
