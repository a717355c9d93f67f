import { constants, createReadStream, createWriteStream, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Config } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { LogKafka } from '../kafka.ts';
import { type RetryTopic, retryTopics } from '../retry-topics.ts';
import { jsonlOutcomes } from '../sinks/jsonl-outcomes.ts';
import { kafkaOutcomes } from '../sinks/kafka-outcomes.ts';
import { KafkaTransactions } from '../sinks/kafka-transactions.ts';
import type { Outcomes } from '../sinks/outcomes.ts';
import { jsonlMessages } from '../sources/messages/jsonl-messages.ts';
import { kafkaMessages } from '../sources/messages/kafka/kafka-messages.ts';
import type { MessageSource } from '../sources/messages/message-source.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';
import { expectRunFiles, type RunFiles } from './expect-run-files.ts';
import { foldRepeats } from './fold-repeats.ts';
import { opened } from './opened.ts';

/**
 * Decides where messages come from and where outcomes go: Kafka where brokers are set and no file is named in its place,
 * else lines of JSON.
 * @throws {UsageError} when the files named contradict that
 */
export function chooseEnds(files: RunFiles, { kafka }: Config): { fromKafka: boolean; toKafka: boolean } {
  const fromKafka = kafka.brokers.length > 0 && files.input === undefined;
  const toKafka = fromKafka && files.output === undefined;
  if (toKafka && files.deadLetters !== undefined)
    throw new UsageError(['--dead-letters goes with --input or --output: without them dead letters go to Kafka']);
  if (fromKafka && !toKafka && kafka.delivery === 'exactly-once')
    throw new UsageError(['--output: with kafka.delivery: exactly-once outcomes go to Kafka, with the offsets']);
  return { fromKafka, toKafka };
}

/** How the two ends are opened, which is where their mistakes are found. */
export function runEnds(files: RunFiles, config: Config, context: CommandContext, log: LogKafka) {
  const { fromKafka, toKafka } = chooseEnds(files, config);
  const kafka = { log: foldRepeats(log), signal: context.signal };
  const { brokers, group, sendSeconds, delivery } = config.kafka;
  const transactions =
    toKafka && delivery === 'exactly-once'
      ? new KafkaTransactions({ brokers, group, sendSeconds, log: kafka.log })
      : undefined;
  let checking: Promise<void> | undefined;
  const checked = () => {
    checking ??= expectRunFiles(files, { fromKafka, toKafka });
    return checking;
  };
  return {
    openMessages: () =>
      fromKafka
        ? kafkaMessages(
            { ...config.kafka, moreTopics: laterTopics(config), ...(transactions && { fence: transactions }) },
            kafka,
          )
        : checked().then(() => openLines(files, config, context)),
    /** @param ready settles once nothing else is wrong: files that are written are left as they are until then */
    openOutcomes: (ready: Promise<unknown>) =>
      toKafka
        ? kafkaOutcomes({ ...eventSettings(config), ...(transactions && { transactions }) }, kafka).catch(
            async (error: unknown) => {
              await transactions?.close().catch(() => {}); // the group may have given us partitions already
              throw error;
            },
          )
        : checked()
            .then(() => ready)
            .then(() => openFiles(files, config, context)),
  };
}

/** By the settings that name them. */
export function laterTopics({ kafka }: Config): Record<string, RetryTopic> {
  const later = retryTopics(kafka.inputTopic, kafka.retryTopics);
  return Object.fromEntries(later.map((topic, n) => [`kafka.retryTopics[${n}]`, topic]));
}

function eventSettings({ kafka, events, scenes }: Config) {
  const later = retryTopics(kafka.inputTopic, kafka.retryTopics);
  return { ...kafka, ...events, later, anyResolution: scenes.anyResolution, version };
}

async function openLines(
  { input = '-' }: RunFiles,
  { scenes }: Config,
  { stdin }: CommandContext,
): Promise<MessageSource> {
  const { maxMessageBytes } = scenes;
  if (input === '-') return jsonlMessages(stdin, { name: 'stdin', maxMessageBytes });
  return jsonlMessages(await openInput(input), { name: input, maxMessageBytes });
}

/** A read of a pipe cannot be broken off once a thread waits in it, and would keep the process after SIGTERM. */
async function openInput(path: string): Promise<Readable> {
  if (!(await stat(path)).isFIFO()) return opened(createReadStream(path));
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
}

async function openFiles(files: RunFiles, config: Config, { stdout, stderr }: CommandContext): Promise<Outcomes> {
  const { output = '-', deadLetters = '-' } = files;
  const events: Writable = output === '-' ? stdout : await opened(createWriteStream(output));
  const failed: Writable = deadLetters === '-' ? stderr : await opened(createWriteStream(deadLetters));
  return jsonlOutcomes(events, failed, eventSettings(config));
}
