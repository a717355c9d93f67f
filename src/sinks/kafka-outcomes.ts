import { type IHeaders, Kafka, type KafkaConfig, Partitioners, type Producer } from 'kafkajs';
import { SceneError } from '../errors.ts';
import { kafkaClientOptions, kafkaErrorType, type LogKafka } from '../kafka.ts';
import { requireTopics } from '../require-topics.ts';
import type { Message, Outcome } from '../scene.ts';
import { within } from '../within.ts';
import { classificationEvent, type EventSettings, eventRecord } from './classification-event.ts';
import { deadLetterHeaders } from './dead-letter.ts';
import type { Outcomes } from './outcomes.ts';

export type KafkaOutcomesSettings = EventSettings & {
  readonly brokers: readonly string[];
  readonly outputTopic: string;
  readonly deadLetterTopic: string;
  /** For the first answer of a broker. */
  readonly connectSeconds: number;
  /** For one outcome, the time of an outage of the brokers included. */
  readonly sendSeconds: number;
  /** Of Saccade. */
  readonly version: string;
};

const FAREWELL_SECONDS = 15;
/** A send that takes longer than this is no longer a busy broker's. */
const SLOW_SECONDS = 5;
/** A longer key is left out of a dead letter that is too large for its topic. */
const MAX_KEY_BYTES = 1024;

/**
 * Sends events and dead letters to Kafka, each acknowledged by all in-sync replicas before `send` resolves.
 *
 * The producer is not idempotent: kafkajs repeats a sequence number after a send that failed for good, and a broker
 * that had the first one takes the next record for a repetition and drops it. Events carry deterministic ids instead.
 *
 * @param signal while it starts: the first answer of a broker is no longer waited for
 * @throws {UsageError} when a topic does not exist; another error when no broker answers; the signal's reason
 */
export async function kafkaOutcomes(
  settings: KafkaOutcomesSettings,
  { log, signal }: { log: LogKafka; signal: AbortSignal },
): Promise<Outcomes> {
  const { brokers, connectSeconds, outputTopic, deadLetterTopic, sendSeconds } = settings;
  const topics = { 'kafka.outputTopic': outputTopic, 'kafka.deadLetterTopic': deadLetterTopic };
  const adminOf = (options: KafkaConfig) => new Kafka(options).admin();
  await requireTopics(adminOf, topics, { brokers, connectSeconds, log, signal });
  const producer = new Kafka(kafkaClientOptions(brokers, log)).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const since = new Map<Outcome, number>(); // what is being sent, the oldest first
  return {
    async send(outcome) {
      since.set(outcome, performance.now());
      try {
        // An outage that outlasts this ends the stream, and with it the process: unsettled messages come again.
        await within(sendSeconds, send(producer, outcome, settings), 'sending an outcome to Kafka');
      } finally {
        since.delete(outcome);
      }
    },
    trouble() {
      const [oldest = performance.now()] = since.values();
      const seconds = (performance.now() - oldest) / 1000;
      return seconds > SLOW_SECONDS ? `Kafka has not taken an outcome for ${Math.round(seconds)} s` : undefined;
    },
    close: () => within(FAREWELL_SECONDS, producer.disconnect(), 'letting go of Kafka'),
  };
}

async function send(producer: Producer, outcome: Outcome, settings: KafkaOutcomesSettings): Promise<void> {
  if (outcome.kind === 'failed') return sendDeadLetter(producer, outcome, settings);
  const { outputTopic } = settings;
  const record = eventRecord(classificationEvent(outcome.classification, settings));
  if (await sendOne(producer, outputTopic, record)) return;
  const message = `the event of ${Buffer.byteLength(record.value)} bytes is too large for ${outputTopic}`;
  throw new SceneError('output.rejected', message);
}

type Record = {
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers: IHeaders;
  /** In milliseconds since 1970. */
  timestamp?: string;
};

/** @returns false when the broker says that the record is too large */
async function sendOne(producer: Producer, topic: string, record: Record): Promise<boolean> {
  try {
    await producer.send({ topic, acks: -1, messages: [record] });
    return true;
  } catch (error) {
    if (kafkaErrorType(error) === 'MESSAGE_TOO_LARGE') return false;
    throw error;
  }
}

/** A message that fits its own topic may not fit here with its reasons; they matter more, and say where it is. */
async function sendDeadLetter(
  producer: Producer,
  { message, failure }: Extract<Outcome, { kind: 'failed' }>,
  { deadLetterTopic: topic, version }: KafkaOutcomesSettings,
): Promise<void> {
  const { key, value } = message;
  const timestamp = message.kafka && { timestamp: String(message.kafka.timestamp) };
  const reasons = deadLetterHeaders(message, failure, { version, time: new Date() });
  const headers = { ...originalHeaders(message), ...reasons };
  if (await sendOne(producer, topic, { key, value, headers, ...timestamp })) return;
  const omitted = { ...reasons, saccade_omitted_bytes: String(value?.length ?? 0) };
  const shortKey = key && key.length <= MAX_KEY_BYTES ? key : null;
  if (await sendOne(producer, topic, { key: shortKey, value: null, headers: omitted, ...timestamp })) return;
  throw new Error(`not even the reasons of a dead letter fit into ${topic}: is its max.message.bytes below 4 kB?`);
}

function originalHeaders({ headers }: Message): IHeaders {
  const copied = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]);
  return Object.fromEntries(copied) as IHeaders; // only the arrays' readonly is lost
}
