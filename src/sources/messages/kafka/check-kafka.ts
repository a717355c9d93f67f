import { Kafka } from 'kafkajs';
import { UsageError } from '../../../errors.ts';
import { type FirstContact, requireTopics } from '../../../require-topics.ts';
import { calmIdleTimers } from './idle-timers.ts';

/**
 * Whether the brokers answer and have the topics. Joins no group, takes and sends no message, and waits for no broker to
 * come up: it is a person who asks.
 * @param topics by the setting that names them
 * @throws {UsageError} naming every topic that does not exist, or the brokers that do not answer; the signal's reason
 */
export async function checkKafka(
  topics: Readonly<Record<string, string>>,
  contact: Pick<FirstContact, 'brokers' | 'connectSeconds' | 'signal'>,
): Promise<void> {
  calmIdleTimers();
  try {
    await requireTopics((options) => new Kafka(options).admin(), topics, { ...contact, once: true, log() {} });
  } catch (error) {
    contact.signal.throwIfAborted();
    if (error instanceof UsageError) throw error;
    throw new UsageError([error instanceof Error ? error.message : String(error)]);
  }
}
