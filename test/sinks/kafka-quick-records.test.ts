import { createRequire } from 'node:module';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { crc32c } from '../../src/sinks/crc32c.ts';
import { writeRecordsQuickly } from '../../src/sinks/kafka-quick-records.ts';

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/protocol/requests/produce/v7/request.js');
const original = require(path);

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const blob = fc.oneof(text, bytes);
const record = fc.record(
  {
    key: fc.option(blob),
    value: fc.option(blob),
    headers: fc.dictionary(text, fc.oneof(blob, fc.array(blob, { maxLength: 3 })), { maxKeys: 8 }),
    timestamp: fc.integer({ min: 1.6e12, max: 1.9e12 }).map(String),
  },
  { requiredKeys: ['key', 'value'] },
);
const partitions = fc.uniqueArray(
  fc.record({ partition: fc.nat(50), messages: fc.array(record, { minLength: 1, maxLength: 80 }) }),
  { selector: ({ partition }) => partition, minLength: 1, maxLength: 4 },
);

/** As the library looks it up, for each request. */
async function bytesOf(produce: object): Promise<Buffer> {
  return (await require(path)(produce).encode()).buffer;
}

describe('writeRecordsQuickly', () => {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
    writeRecordsQuickly();
    writeRecordsQuickly();
  });
  afterAll(() => {
    vi.useRealTimers();
    (require.cache[path] as NodeJS.Module).exports = original;
  });

  it('has kafkajs send the very bytes that it would send itself', async () => {
    await fc.assert(
      fc.asyncProperty(partitions, text, async (data, topic) => {
        const produce = { acks: -1, timeout: 30_000, producerId: -1, topicData: [{ topic, partitions: data }] };
        const found = await bytesOf(produce);
        const wanted = (await original({ ...produce }).encode()).buffer;
        expect(found.equals(wanted)).toBe(true);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it('leaves what an idempotent producer sends to kafkajs', async () => {
    const messages = [{ key: 'k', value: 'v' }];
    const topicData = [{ topic: 't', partitions: [{ partition: 0, messages, firstSequence: 5 }] }];
    const produce = { acks: -1, timeout: 1, producerId: '77', producerEpoch: 3, topicData };
    expect(await bytesOf(produce)).toEqual((await original(produce).encode()).buffer);
  });
});

describe('crc32c', () => {
  it('gives the check value of its catalogue', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('gives the same for every length and start as byte by byte', () => {
    const data = Buffer.from(Array.from({ length: 64 }, (_, n) => (n * 37 + 11) & 255));
    const slowly = (part: Buffer) => {
      let crc = ~0;
      for (const value of part) {
        crc ^= value;
        for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
      return ~crc >>> 0;
    };
    for (let start = 0; start < 20; start += 1)
      for (let end = start; end <= data.length; end += 1)
        expect(crc32c(data, start, end)).toBe(slowly(data.subarray(start, end)));
  });
});
