import { Kafka, type KafkaConfig } from 'kafkajs';
import type { Fence } from '../../../exactly-once.ts';
import { kafkaClientOptions, type LogKafka } from '../../../kafka.ts';
import { requireTopics } from '../../../require-topics.ts';
import type { RetryTopic } from '../../../retry-topics.ts';
import type { MessageSource } from '../message-source.ts';
import { registerCodecs } from './codecs.ts';
import { calmIdleTimers } from './idle-timers.ts';
import { KafkaMember } from './kafka-member.ts';
import type { Ordering } from './lane-order.ts';
import { steadyHeartbeat } from './steady-heartbeat.ts';

export type KafkaMessagesSettings = {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly inputTopic: string;
  readonly sessionSeconds: number;
  readonly commitSeconds: number;
  /** For the first answer of a broker. */
  readonly connectSeconds: number;
  /** Messages of one partition that are held at once, begun or waiting for a lane. */
  readonly prefetch: number;
  readonly ordering: Ordering;
  /** Where outcomes and offsets are committed together: nothing is committed here. */
  readonly fence?: Fence;
  /** Other topics to take messages from, beside the input topic, by the setting that names them. */
  readonly moreTopics?: Readonly<Record<string, RetryTopic>>;
};

/** Whether messages can come: the group was joined, and its coordinator has heard of us lately. */
export type KafkaHealth = {
  readonly joined: boolean;
  readonly secondsSinceHeartbeat: number;
  /** Since the consumer last did anything: a fetch, a heartbeat, a try to come back. */
  readonly secondsSinceSign: number;
  /** kafkajs has given up, and will not come back. */
  readonly stopped: boolean;
};

export type KafkaFigures = {
  /** Messages that are not finished yet, by partition; those of other topics than the input by topic and partition. */
  readonly lag: ReadonlyMap<number | string, number>;
  readonly pausedPartitions: number;
  /** Times that the group gave out its partitions, the first included. */
  readonly assignments: number;
  readonly failedCommits: number;
  /** In seconds since 1970. */
  readonly lastHeartbeat: number;
};

export type KafkaMessages = MessageSource & {
  health(): KafkaHealth;
  figures(): KafkaFigures;
  /** Takes nothing in while set: what leaves has no way out. What was begun goes on. */
  hold(on: boolean): void;
};

/**
 * Takes scene messages from a topic, at least once each, and none twice while members come and go in good order.
 *
 * @param signal while it starts: the first answer of a broker is no longer waited for
 * @throws {UsageError} when the topic does not exist; another error when no broker answers; the signal's reason
 */
export async function kafkaMessages(
  settings: KafkaMessagesSettings,
  { log, signal }: { log: LogKafka; signal: AbortSignal },
): Promise<KafkaMessages> {
  calmIdleTimers();
  steadyHeartbeat();
  registerCodecs();
  const { brokers, connectSeconds, inputTopic, moreTopics = {} } = settings;
  const adminOf = (options: KafkaConfig) => new Kafka(options).admin();
  const more = Object.entries(moreTopics).map(([setting, { topic }]) => [setting, topic] as const);
  const topics = { 'kafka.inputTopic': inputTopic, ...Object.fromEntries(more) };
  await requireTopics(adminOf, topics, { brokers, connectSeconds, log, signal });
  const member = new KafkaMember(new Kafka(kafkaClientOptions(brokers, log)), settings, log);
  await member.start();
  return member;
}
