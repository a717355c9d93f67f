import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readTopic } from '../../../../src/sources/messages/kafka/read-topic.ts';

type Tell = (event: { payload: object }) => void;
type Batch = { readonly partition: number; readonly messages: readonly { readonly offset: string }[] };

/** Stands for the consumer and the admin of kafkajs: holds two partitions, and hands out what it is told to. */
const fake = vi.hoisted(() => {
  const listeners = new Map<string, (event: { payload: object }) => void>();
  const given: { eachBatch?: (payload: { batch: object }) => Promise<void> } = {};
  const consumer = {
    events: { END_BATCH_PROCESS: 'end', CRASH: 'crash' },
    on(name: string, tell: (event: { payload: object }) => void) {
      listeners.set(name, tell);
      return () => listeners.delete(name);
    },
    async connect() {},
    async subscribe() {},
    async run({ eachBatch }: { eachBatch: (payload: { batch: object }) => Promise<void> }) {
      given.eachBatch = eachBatch;
    },
    async disconnect() {},
  };
  const admin = {
    async connect() {},
    async disconnect() {},
    async deleteGroups() {},
    fetchTopicOffsets: async () => [0, 1].map((partition) => ({ partition, low: '0', high: '2' })),
  };
  return { listeners, given, consumer, admin };
});

vi.mock('kafkajs', async (load) => ({
  ...(await load<object>()),
  Kafka: class {
    consumer = () => fake.consumer;
    admin = () => fake.admin;
  },
}));

async function hand(partition: number, offsets: readonly string[]): Promise<void> {
  const messages = offsets.map((offset) => ({ key: null, value: null, offset, timestamp: '1' }));
  const batch: Batch = { partition, messages };
  await fake.given.eachBatch?.({ batch });
  tell('end', { partition, lastOffset: offsets.at(-1) });
}

const tell = (name: string, payload: object) => (fake.listeners.get(name) as Tell | undefined)?.({ payload });

describe('readTopic', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => vi.useRealTimers());

  const settings = { brokers: ['nowhere:9092'], topic: 't', group: 'g', patienceSeconds: 90 };
  const begin = async () => {
    fake.listeners.clear();
    delete fake.given.eachBatch;
    const stop = new AbortController();
    const told: string[] = [];
    const reading = readTopic(settings, { log() {}, signal: stop.signal }, ({ partition, offset }) => {
      told.push(`${partition}@${offset}`);
    });
    reading.catch(() => {});
    await vi.waitFor(() => expect(fake.given.eachBatch).toBeDefined());
    return { stop, told, reading };
  };

  it('tells nothing twice where its consumer joins anew and reads from the beginning', async () => {
    const { told, reading } = await begin();
    await hand(0, ['0', '1']);
    await hand(1, ['0']);
    await hand(0, ['0']);
    await hand(1, ['0', '1']);
    await reading;
    expect(told).toEqual(['0@0', '0@1', '1@0', '1@1']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer that would keep the process alive when it fails or is stopped', async () => {
    const failing = await begin();
    await hand(0, ['0']);
    tell('crash', { error: new Error('no longer'), restart: false });
    await expect(failing.reading).rejects.toThrow('no longer');
    expect(vi.getTimerCount()).toBe(0);
    const stopped = await begin();
    stopped.stop.abort(new Error('enough'));
    await expect(stopped.reading).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);
    await hand(0, ['0']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fails when nothing comes for too long, counted from what came last', async () => {
    const { reading } = await begin();
    vi.advanceTimersByTime(80_000);
    await hand(0, ['0']);
    vi.advanceTimersByTime(80_000);
    await hand(0, ['1']);
    vi.advanceTimersByTime(91_000);
    await expect(reading).rejects.toThrow('nothing more could be read of t for 90 s');
  });
});
