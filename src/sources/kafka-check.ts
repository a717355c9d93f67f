import { Kafka } from 'kafkajs';
import { UsageError } from '../errors.ts';
import { kafkaClientOptions, requireTopics } from '../kafka.ts';
import { stopIdleTimer } from './kafka-idle-timer.ts';

/** A person waits for the answer, no service for its brokers to come back. */
const RETRIES = 2;

/**
 * Whether the brokers answer and have the topics. Joins no group, and takes and sends no message.
 * @param topics by the setting that names them
 * @throws {UsageError} naming every topic that does not exist, or the brokers that do not answer
 */
export async function checkKafka(brokers: readonly string[], topics: Readonly<Record<string, string>>): Promise<void> {
  stopIdleTimer();
  const kafka = new Kafka({ ...kafkaClientOptions(brokers, () => {}), retry: { retries: RETRIES } });
  try {
    await requireTopics(kafka.admin(), topics);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError([`kafka.brokers: no answer from ${brokers.join(', ')}: ${reason}`]);
  }
}
