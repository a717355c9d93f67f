import { type IHeaders, Kafka, type KafkaConfig } from 'kafkajs';
import { SceneError } from '../errors.ts';
import type { LogKafka } from '../kafka.ts';
import { requireTopics } from '../require-topics.ts';
import type { RetryTopic } from '../retry-topics.ts';
import type { Message, Outcome, Postponed } from '../scene.ts';
import { classificationEvent, type EventSettings, eventRecord } from './classification-event.ts';
import { deadLetterHeaders, postponedHeaders } from './dead-letter.ts';
import { writeRecordsQuickly } from './kafka-quick-records.ts';
import { warnOfRetention } from './kafka-retention.ts';
import { type SentRecord, TopicSender } from './kafka-topic-sender.ts';
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
};

/** A send that takes longer than this is no longer a busy broker's. */
const SLOW_SECONDS = 5;
/** A longer key is left out of a dead letter that is too large for its topic. */
const MAX_KEY_BYTES = 1024;

type Topics = {
  readonly events: TopicSender;
  readonly deadLetters: TopicSender;
  readonly later: ReadonlyMap<string, TopicSender>;
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
    const isBlocked = senders.some(({ trouble }) => trouble !== undefined);
    for (const listener of listeners) listener(isBlocked);
  };
  const sender = (topic: string) => new TopicSender({ brokers, topic, trySeconds: settings.sendSeconds, log, changed });
  const topics = {
    events: sender(outputTopic),
    deadLetters: sender(deadLetterTopic),
    later: new Map(later.map(({ topic }) => [topic, sender(topic)])),
  };
  const senders = [topics.events, topics.deadLetters, ...topics.later.values()];
  await openAll(senders);
  return {
    send: (outcome, lost) => send(topics, outcome, { settings, lost }),
    trouble() {
      const blocked = Object.entries(names).flatMap(([setting, name], n) => {
        const trouble = senders[n]?.trouble;
        return trouble === undefined ? [] : [`${name} (${setting}) takes nothing: ${trouble}`];
      });
      if (blocked.length > 0) return blocked.join('; ');
      const seconds = Math.max(...senders.map(({ stuckSeconds }) => stuckSeconds));
      return seconds > SLOW_SECONDS ? `Kafka has not taken an outcome for ${Math.round(seconds)} s` : undefined;
    },
    watch: (listener) => void listeners.push(listener),
    close: async () => void (await Promise.all(senders.map((sender) => sender.close()))),
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
  topic: TopicSender,
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
  topic: TopicSender,
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
