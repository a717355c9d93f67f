import { type IHeaders, Kafka, type KafkaConfig } from 'kafkajs';
import { SceneError } from '../errors.ts';
import type { LogKafka } from '../kafka.ts';
import { requireTopics } from '../require-topics.ts';
import type { RetryTopic } from '../retry-topics.ts';
import type { Delivery, Message, Outcome, Postponed } from '../scene.ts';
import { classificationEvent, type EventSettings, eventRecord } from './classification-event.ts';
import { deadLetterHeaders, postponedHeaders } from './dead-letter.ts';
import { writeRecordsQuickly } from './kafka-quick-records.ts';
import { warnOfRetention } from './kafka-retention.ts';
import { type SentRecord, TopicSender } from './kafka-topic-sender.ts';
import type { KafkaTransactions } from './kafka-transactions.ts';
import type { Outcomes } from './outcomes.ts';

export type KafkaOutcomesSettings = EventSettings & {
  readonly brokers: readonly string[];
  readonly outputTopic: string;
  readonly deadLetterTopic: string;
  /** Where messages are put off to. */
  readonly later?: readonly RetryTopic[];
  /** For the first answer of a broker. */
  readonly connectSeconds: number;
  /** For one try to send one outcome. */
  readonly sendSeconds: number;
  /** Of Saccade. */
  readonly version: string;
  /** Where outcomes and offsets are committed together. */
  readonly transactions?: KafkaTransactions;
};

/** A send that takes longer than this is no longer a busy broker's. */
const SLOW_SECONDS = 5;
/** A longer key is left out of a dead letter that is too large for its topic. */
const MAX_KEY_BYTES = 1024;

type Topic = Pick<TopicSender, 'send' | 'complain'>;
type Topics = {
  readonly events: Topic;
  readonly deadLetters: Topic;
  readonly later: ReadonlyMap<string, Topic>;
};
/** How outcomes leave. */
type Way = Pick<Outcomes, 'trouble' | 'close'> & {
  readonly topics: (delivery: Pick<Delivery, 'taken'>) => Topics;
  /** Of all that it sends to, the longest. */
  readonly stuckSeconds: () => number;
};

/**
 * Sends events and dead letters to Kafka, each acknowledged by all in-sync replicas before `send` resolves, however long
 * its topic is away.
 *
 * @param signal while it starts: the first answer of a broker is no longer waited for
 * @throws {UsageError} when a topic does not exist; another error when no broker answers; the signal's reason
 */
export async function kafkaOutcomes(
  settings: KafkaOutcomesSettings,
  { log, signal }: { log: LogKafka; signal: AbortSignal },
): Promise<Outcomes> {
  writeRecordsQuickly();
  const { brokers, connectSeconds, outputTopic, deadLetterTopic, later = [] } = settings;
  const names = {
    'kafka.outputTopic': outputTopic,
    'kafka.deadLetterTopic': deadLetterTopic,
    ...Object.fromEntries(later.map(({ topic }, n) => [`kafka.retryTopics[${n}]`, topic])),
  };
  const adminOf = (options: KafkaConfig) => new Kafka(options).admin();
  await requireTopics(adminOf, names, { brokers, connectSeconds, log, signal });
  await warnOfRetention(brokers, deadLetterTopic, { log, setting: 'kafka.deadLetterTopic' });
  const listeners: ((isBlocked: boolean) => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener(way.trouble() !== undefined);
  };
  const way = settings.transactions
    ? together(settings.transactions, settings, changed)
    : await oneByOne(names, settings, { log, changed });
  return {
    send: (outcome, delivery = {}) => send(way.topics(delivery), outcome, { settings, lost: delivery.lost }),
    trouble() {
      const seconds = way.stuckSeconds();
      const slow = seconds > SLOW_SECONDS ? `Kafka has not taken an outcome for ${Math.round(seconds)} s` : undefined;
      return way.trouble() ?? slow;
    },
    watch: (listener) => void listeners.push(listener),
    close: () => way.close(),
  };
}

/** Each outcome by itself; the offset of its message is committed later. */
async function oneByOne(
  names: Readonly<Record<string, string>>,
  { brokers, sendSeconds, outputTopic, deadLetterTopic, later = [] }: KafkaOutcomesSettings,
  { log, changed }: { readonly log: LogKafka; readonly changed: () => void },
): Promise<Way> {
  const sender = (topic: string) => new TopicSender({ brokers, topic, trySeconds: sendSeconds, log, changed });
  const topics = {
    events: sender(outputTopic),
    deadLetters: sender(deadLetterTopic),
    later: new Map(later.map(({ topic }) => [topic, sender(topic)])),
  };
  const senders = [topics.events, topics.deadLetters, ...topics.later.values()];
  await openAll(senders);
  return {
    topics: () => topics,
    trouble() {
      const blocked = Object.entries(names).flatMap(([setting, name], n) => {
        const trouble = senders[n]?.trouble;
        return trouble === undefined ? [] : [`${name} (${setting}) takes nothing: ${trouble}`];
      });
      return blocked.length > 0 ? blocked.join('; ') : undefined;
    },
    stuckSeconds: () => Math.max(...senders.map(({ stuckSeconds }) => stuckSeconds)),
    close: async () => void (await Promise.all(senders.map((sender) => sender.close()))),
  };
}

/** Each outcome in one transaction with the offset of its message. */
function together(
  transactions: KafkaTransactions,
  { outputTopic, deadLetterTopic, later = [] }: KafkaOutcomesSettings,
  changed: () => void,
): Way {
  transactions.watch(changed);
  return {
    topics({ taken }) {
      if (taken === undefined) throw new Error('only what was taken from Kafka can be settled in a transaction');
      return {
        events: transactions.to(outputTopic, taken),
        deadLetters: transactions.to(deadLetterTopic, taken),
        later: new Map(later.map(({ topic }) => [topic, transactions.to(topic, taken)])),
      };
    },
    trouble: () => transactions.trouble,
    stuckSeconds: () => transactions.stuckSeconds,
    close: () => transactions.close(),
  };
}

/** All of them or none: those that are open would keep the process alive. */
async function openAll(senders: readonly TopicSender[]): Promise<void> {
  const opened = await Promise.allSettled(senders.map((sender) => sender.open()));
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  await Promise.allSettled(senders.map((sender) => sender.close()));
  throw failed.reason;
}

type Sending = { readonly settings: KafkaOutcomesSettings; readonly lost: AbortSignal | undefined };

function send(topics: Topics, outcome: Outcome, sending: Sending): Promise<void> {
  if (outcome.kind === 'postponed') return postpone(topics, outcome, sending);
  if (outcome.kind === 'failed') return sendDeadLetter(topics.deadLetters, outcome, sending);
  return sendEvent(topics.events, outcome, sending);
}

/** Where our own clock is so wrong that the broker refuses an event for it, the event takes the time of its message. */
async function sendEvent(
  topic: Topic,
  { message, classification }: Extract<Outcome, { kind: 'classified' }>,
  { settings, lost }: Sending,
): Promise<void> {
  const { outputTopic } = settings;
  const record = eventRecord(classificationEvent(classification, settings));
  let refusal = await topic.send(record, lost);
  if (refusal === 'INVALID_TIMESTAMP' && message.kafka)
    refusal = await topic.send({ ...record, timestamp: String(message.kafka.timestamp) }, lost);
  if (refusal === undefined) return;
  const reason =
    refusal === 'MESSAGE_TOO_LARGE' || refusal === 'RECORD_LIST_TOO_LARGE'
      ? `the event of ${Buffer.byteLength(record.value)} bytes is too large for ${outputTopic}`
      : `${outputTopic} refuses the event: ${refusal}`;
  throw new SceneError('output.rejected', reason);
}

/** With the time of now: by that of an old message the broker would delete it before it is due. */
async function postpone(topics: Topics, outcome: Postponed, { settings, lost }: Sending): Promise<void> {
  const { version } = settings;
  const { message, topic } = outcome;
  const { key, value } = message;
  const headers = { ...originalHeaders(message), ...postponedHeaders(outcome, { version, time: new Date() }) };
  const refusal = await topics.later.get(topic)?.send({ key, value, headers }, lost);
  if (refusal !== undefined) throw new SceneError('output.rejected', `${topic} refuses the message: ${refusal}`);
}

/** A message that fits its own topic may not fit here with its reasons; they matter more, and say where it is. */
async function sendDeadLetter(
  topic: Topic,
  { message, failure }: Extract<Outcome, { kind: 'failed' }>,
  { settings, lost }: Sending,
): Promise<void> {
  const { version } = settings;
  const { key, value } = message;
  const timestamp = message.kafka && { timestamp: String(message.kafka.timestamp) };
  const reasons = deadLetterHeaders(message, failure, { version, time: new Date() });
  const headers = { ...originalHeaders(message), ...reasons };
  const omitted = { ...reasons, saccade_omitted_bytes: String(value?.length ?? 0) };
  const shortKey = key && key.length <= MAX_KEY_BYTES ? key : null;
  const forms: readonly SentRecord[] = [
    { key, value, headers, ...timestamp },
    ...(timestamp ? [{ key, value, headers }] : []), // its own topic may allow times that this one does not
    { key: shortKey, value: null, headers: { ...originalHeaders(message), ...omitted } },
    { key: shortKey, value: null, headers: omitted },
  ];
  for (;;) {
    for (const form of forms) if ((await topic.send(form, lost)) === undefined) return;
    await topic.complain('not even the reasons of a dead letter fit: is its max.message.bytes below 4 kB?');
  }
}

/** Without those of an earlier failure, which a letter that was sent in again by hand still has: one may say that it was replayed. */
function originalHeaders({ headers }: Message): IHeaders {
  const own = Object.entries(headers).filter(([name]) => !name.startsWith('saccade_'));
  const copied = own.map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]);
  return Object.fromEntries(copied) as IHeaders; // only the arrays' readonly is lost
}
