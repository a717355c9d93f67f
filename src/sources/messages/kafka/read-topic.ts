import { randomUUID } from 'node:crypto';
import { type Admin, type Consumer, Kafka } from 'kafkajs';
import { kafkaClientOptions, type LogKafka } from '../../../kafka.ts';
import type { Message } from '../../../scene.ts';
import { unlessAborted } from '../../../unless-aborted.ts';

export type TopicRecord = Pick<Message, 'key' | 'value' | 'headers'> & {
  readonly partition: number;
  readonly offset: string;
  /** In milliseconds since 1970. */
  readonly timestamp: number;
};

export type TopicSettings = {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** The group that reads has a name of its own that begins like this, and is removed afterwards. */
  readonly group: string;
  /** Nothing to be read for so long is an error: an open transaction may hold back what follows it. */
  readonly patienceSeconds?: number;
};

const PATIENCE_SECONDS = 90;

/**
 * Reads a topic from its beginning to where it ends now, each partition in order; what a transaction has not committed
 * is not there. kafkajs reads only as a member of a group, so one is made, and nothing is ever committed to it.
 * @param each told of every record; it must not wait
 * @throws {Error} when nothing comes for too long; the signal's reason
 */
export async function readTopic(
  { brokers, topic, group, patienceSeconds = PATIENCE_SECONDS }: TopicSettings,
  { log, signal }: { log: LogKafka; signal: AbortSignal },
  each: (record: TopicRecord) => void,
): Promise<void> {
  const kafka = new Kafka(kafkaClientOptions(brokers, log));
  const admin = kafka.admin();
  const groupId = `${group}-reader-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200, allowAutoTopicCreation: false });
  try {
    await admin.connect();
    const ends = await endsOf(admin, topic);
    if (ends.size > 0) await readTo(ends, consumer, { topic, patienceSeconds, signal, each: onlyOnce(each) });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => {}); // the broker forgets it by itself, only later
    await admin.disconnect();
  }
}

/** Where each partition that holds anything ends. */
async function endsOf(admin: Admin, topic: string): Promise<Map<number, bigint>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  const filled = offsets.filter(({ low, high }) => BigInt(high) > BigInt(low));
  return new Map(filled.map(({ partition, high }) => [partition, BigInt(high)]));
}

/**
 * The reader commits nothing, so it reads from the beginning again when it joins its group anew. What was told before
 * is not told again: it might be a letter whose mark does not come again, since the last partition is read by then.
 */
function onlyOnce(each: (record: TopicRecord) => void): (record: TopicRecord) => void {
  const told = new Map<number, bigint>();
  return (record) => {
    const offset = BigInt(record.offset);
    if (offset <= (told.get(record.partition) ?? -1n)) return;
    told.set(record.partition, offset);
    each(record);
  };
}

type Reading = {
  readonly topic: string;
  readonly patienceSeconds: number;
  readonly signal: AbortSignal;
  readonly each: (record: TopicRecord) => void;
};

async function readTo(ends: Map<number, bigint>, consumer: Consumer, reading: Reading): Promise<void> {
  const { topic, patienceSeconds, signal, each } = reading;
  let patience: NodeJS.Timeout | undefined;
  let forget = () => {};
  const read = new Promise<void>((resolve, reject) => {
    const stuck = () => reject(new Error(`nothing more could be read of ${topic} for ${patienceSeconds} s`));
    patience = setTimeout(stuck, 1000 * patienceSeconds);
    // Also told of what holds no messages, such as the marks at the end of transactions.
    forget = consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
      patience?.refresh();
      if (BigInt(lastOffset) + 1n >= (ends.get(partition) ?? 0n)) ends.delete(partition);
      if (ends.size === 0) resolve();
    });
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (!restart) reject(error);
    });
    consume(consumer, topic, each).catch(reject);
  });
  try {
    await unlessAborted(signal, read);
  } finally {
    forget();
    clearTimeout(patience); // or the process would wait for it
  }
}

async function consume(consumer: Consumer, topic: string, each: (record: TopicRecord) => void): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { partition, messages } }) => {
      for (const { key, value, headers = {}, offset, timestamp } of messages)
        each({ key, value, headers, partition, offset, timestamp: Number(timestamp) });
    },
  });
}
