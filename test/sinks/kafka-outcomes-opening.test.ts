import { expect, it, vi } from 'vitest';
import { kafkaOutcomes } from '../../src/sinks/kafka-outcomes.ts';

const closed = vi.hoisted((): string[] => []);

vi.mock('../../src/require-topics.ts', () => ({ requireTopics: async () => {} }));
vi.mock('../../src/sinks/kafka-retention.ts', () => ({ warnOfRetention: async () => {} }));
vi.mock('../../src/sinks/kafka-topic-sender.ts', () => ({
  TopicSender: class {
    readonly #topic: string;
    constructor({ topic }: { topic: string }) {
      this.#topic = topic;
    }
    async open(): Promise<void> {
      if (this.#topic === 'dead') throw new Error('no broker answers');
    }
    async close(): Promise<void> {
      closed.push(this.#topic);
    }
  },
}));

it('kafkaOutcomes lets go of all topics where one cannot be opened', async () => {
  const settings = {
    ...{ brokers: ['nowhere:9092'], outputTopic: 'out', deadLetterTopic: 'dead', sendSeconds: 1, connectSeconds: 1 },
    ...{ later: [{ topic: 'later', seconds: 60 }], source: 'saccade', anyResolution: false, version: '0.1.0' },
  };
  const opening = kafkaOutcomes(settings, { log() {}, signal: new AbortController().signal });
  await expect(opening).rejects.toThrow('no broker answers');
  expect(closed.toSorted()).toEqual(['dead', 'later', 'out']);
});
