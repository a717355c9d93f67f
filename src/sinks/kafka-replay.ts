import { type IHeaders, Kafka, Partitioners, type Producer } from 'kafkajs';
import { type DeadLetter, REPLAYED } from '../dead-letters.ts';
import { kafkaClientOptions, kafkaErrorType, type LogKafka } from '../kafka.ts';
import { OnceRecord, sendOnlyWhatIsLeft, sendUntilTaken } from './kafka-once-taken.ts';
import { writeRecordsQuickly } from './kafka-quick-records.ts';

export type ReplaySettings = {
  readonly brokers: readonly string[];
  readonly inputTopic: string;
  readonly deadLetterTopic: string;
};

/** Sends dead letters back, each once. */
export type Replay = {
  /**
   * Their messages go to the input topic, and their marks beside them to the topic of dead letters: all of it, or
   * nothing of it.
   * @throws {Error} when another replay has taken over
   */
  send(letters: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
};

/** Transactions follow one another at once; kafkajs itself would wait 300 ms while the broker ends the one before. */
const RETRY = { initialRetryTime: 20, retries: 12 };
const MAX_LETTERS = 100;
/** Well below the smallest usual limit of a topic. */
const MAX_BYTES = 250_000;

/**
 * Takes over from any other replay of the same topic: one that is still at work is fenced off by the broker, and what it
 * has not committed is undone. What is read after this resolves tells truly which letters were replayed before.
 */
export async function kafkaReplay(settings: ReplaySettings, log: LogKafka): Promise<Replay> {
  const { brokers, inputTopic, deadLetterTopic } = settings;
  const kafka = new Kafka({ ...kafkaClientOptions(brokers, log), retry: RETRY });
  sendOnlyWhatIsLeft();
  writeRecordsQuickly(); // kafkajs itself cannot write a header without a value, which a message may have
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    transactionalId: `saccade-replay-${deadLetterTopic}`,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  const partitions = await takeOver(kafka, producer, inputTopic);
  return {
    async send(letters) {
      for (const lot of lots(letters)) await sendLot(producer, lot, { ...settings, partitions });
    },
    close: () => producer.disconnect(),
  };
}

/** @returns the number of partitions of the topic that is sent to */
async function takeOver(kafka: Kafka, producer: Producer, inputTopic: string): Promise<number> {
  try {
    await producer.connect();
    const partitions = await partitionsOf(kafka, inputTopic);
    await (await producer.transaction()).abort(); // the first one of a producer fences off those before it
    return partitions;
  } catch (error) {
    await producer.disconnect().catch(() => {}); // its connections would keep the process; the first error says more
    throw error;
  }
}

async function partitionsOf(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length ?? 0;
  } finally {
    await admin.disconnect();
  }
}

function* lots(letters: readonly DeadLetter[]): Generator<DeadLetter[]> {
  let lot: DeadLetter[] = [];
  let bytes = 0;
  for (const letter of letters) {
    const more = (letter.message.value?.length ?? 0) + (letter.message.key?.length ?? 0);
    if (lot.length > 0 && (lot.length === MAX_LETTERS || bytes + more > MAX_BYTES)) {
      yield lot;
      lot = [];
      bytes = 0;
    }
    lot.push(letter);
    bytes += more;
  }
  if (lot.length > 0) yield lot;
}

async function sendLot(
  producer: Producer,
  lot: readonly DeadLetter[],
  { inputTopic, deadLetterTopic, partitions }: ReplaySettings & { readonly partitions: number },
): Promise<void> {
  const originals = new Set(lot.map((letter) => original(letter, inputTopic, partitions)));
  const marks = lot.map(mark);
  const transaction = await producer.transaction();
  try {
    const send = (messages: OnceRecord[]) => {
      const topicMessages = [
        { topic: inputTopic, messages: messages.filter((message) => originals.has(message)) },
        { topic: deadLetterTopic, messages: messages.filter((message) => !originals.has(message)) },
      ];
      return transaction.sendBatch({ acks: -1, topicMessages });
    };
    await sendUntilTaken(send, [...originals, ...marks]);
    await transaction.commit();
  } catch (error) {
    if (kafkaErrorType(error) === 'INVALID_PRODUCER_EPOCH')
      throw new Error('another replay of these dead letters has begun and goes on with them', { cause: error });
    await transaction.abort().catch(() => {}); // the first error says more; the broker ends it as well
    throw error;
  }
}

/**
 * As it came, and where it came from, so that the order of its key is kept; its time is that of the replay. A partition
 * of a retry topic says nothing about the input topic: there the key alone chooses.
 */
function original(
  { message: { key, value, headers }, source }: DeadLetter,
  topic: string,
  partitions: number,
): OnceRecord {
  // Without a key kafkajs would choose anew with each of its tries, and the message might come twice.
  const isChosen = (source.topic === topic && source.partition < partitions) || key === null;
  const sameAs = isChosen ? { partition: source.partition % partitions } : {};
  return new OnceRecord({ key, value, headers: { ...headers } as IHeaders, ...sameAs }); // only the arrays' readonly is lost
}

/** A tombstone for the letter, in its partition. */
function mark({ message, partition, offset }: DeadLetter): OnceRecord {
  return new OnceRecord({ key: message.key, value: null, partition, headers: { [REPLAYED]: offset } });
}
