import type { Config } from '../config.ts';
import type { DeadLetter } from '../dead-letters.ts';
import { UsageError } from '../errors.ts';
import { readLetterRecord } from '../sources/messages/dead-letter-record.ts';
import { checkKafka } from '../sources/messages/kafka/check-kafka.ts';
import { readTopic } from '../sources/messages/kafka/read-topic.ts';

/**
 * The dead letters of our input topic that have not been replayed, in the order in which they were given up. A mark
 * always comes after its letter, in the same partition.
 */
export async function findLetters(
  { kafka }: Config,
  isMeant: (letter: DeadLetter) => boolean,
  signal: AbortSignal,
): Promise<DeadLetter[]> {
  const { brokers, inputTopic, deadLetterTopic: topic, group } = kafka;
  const found = new Map<string, DeadLetter>();
  await readTopic({ brokers, topic, group }, { log() {}, signal }, (record) => {
    const read = readLetterRecord(record);
    if (read === undefined) return;
    if ('replayed' in read) found.delete(read.replayed);
    else if (read.letter.source.topic === inputTopic && isMeant(read.letter)) found.set(read.letter.id, read.letter);
  });
  return [...found.values()].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

/** @throws {UsageError} where there is no Kafka, or not both topics */
export async function expectLetters({ kafka }: Config, signal: AbortSignal): Promise<void> {
  const { brokers, connectSeconds, inputTopic, deadLetterTopic } = kafka;
  if (brokers.length === 0) throw new UsageError(['kafka.brokers: none are set; dead letters lie in a topic']);
  const topics = { 'kafka.inputTopic': inputTopic, 'kafka.deadLetterTopic': deadLetterTopic };
  await checkKafka(topics, { brokers, connectSeconds, signal });
}
