import type { Config } from '../config.ts';
import type { DeadLetter } from '../dead-letters.ts';
import { UsageError } from '../errors.ts';
import { retryTopics } from '../retry-topics.ts';
import { readLetterRecord } from '../sources/messages/dead-letter-record.ts';
import { checkKafka } from '../sources/messages/kafka/check-kafka.ts';
import { readTopic } from '../sources/messages/kafka/read-topic.ts';

/**
 * The dead letters of our topics that have not been replayed, in the order in which they were given up. A mark always
 * comes after its letter, in the same partition. What came by way of a retry topic says that it is of the input topic,
 * unless somebody else has put it into the retry topic.
 */
export async function findLetters(
  { kafka }: Config,
  isMeant: (letter: DeadLetter) => boolean,
  signal: AbortSignal,
): Promise<DeadLetter[]> {
  const { brokers, inputTopic, deadLetterTopic: topic, group } = kafka;
  const ours = new Set([inputTopic, ...retryTopics(inputTopic, kafka.retryTopics).map(({ topic }) => topic)]);
  const found = new Map<string, DeadLetter>();
  await readTopic({ brokers, topic, group }, { log() {}, signal }, (record) => {
    const read = readLetterRecord(record);
    if (read === undefined) return;
    if ('replayed' in read) found.delete(read.replayed);
    else if (ours.has(read.letter.source.topic) && isMeant(read.letter)) found.set(read.letter.id, read.letter);
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
