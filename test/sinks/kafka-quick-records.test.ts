import { createRequire } from 'node:module';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { crc32c } from '../../src/sinks/crc32c.ts';
import { writeRecordsQuickly } from '../../src/sinks/kafka-quick-records.ts';

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/protocol/requests/produce/v7/request.js');
const original = require(path);
const Decoder = require('kafkajs/src/protocol/decoder.js');
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder.js');

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
const int32 = fc.nat(2 ** 31 - 1);
const producer = fc.record(
  {
    producerId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String), // as kafkajs keeps it
    producerEpoch: fc.nat(2 ** 15 - 1),
    transactionalId: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }),
  },
  { requiredKeys: ['producerId', 'producerEpoch'] },
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

  it('has it send the very bytes for an idempotent producer too, in transactions and outside', async () => {
    await fc.assert(
      fc.asyncProperty(
        partitions,
        producer,
        fc.array(int32, { minLength: 4, maxLength: 4 }),
        async (data, sender, starts) => {
          const counted = data.map((part, n) => ({ ...part, firstSequence: starts[n] }));
          const produce = { acks: -1, timeout: 1, ...sender, topicData: [{ topic: 't', partitions: counted }] };
          const found = await bytesOf(produce);
          const wanted = (await original({ ...produce }).encode()).buffer;
          expect(found.equals(wanted)).toBe(true);
        },
      ),
      { numRuns: 100, seed: 7 },
    );
  });

  it('writes headers without a value, at which kafkajs throws, in a transaction too', async () => {
    const headers = { trace: null, several: ['a', null], whole: 'b' };
    const partitions = [{ partition: 0, firstSequence: 5, messages: [{ key: 'k', value: 'v', headers }] }];
    const sender = { transactionalId: 'x', producerId: '77', producerEpoch: 3 };
    const produce = { acks: -1, timeout: 1, ...sender, topicData: [{ topic: 't', partitions }] };
    await expect(original(produce).encode()).rejects.toThrow();
    const batch = (await bytesOf(produce)).subarray(1 + 2 + 2 + 4 + 4 + 2 + 1 + 4 + 4 + 4);
    const { records, producerId, firstSequence, inTransaction } = await decodeBatch(new Decoder(batch));
    expect({ producerId, firstSequence, inTransaction }).toEqual({
      producerId: '77',
      firstSequence: 5,
      inTransaction: true,
    });
    expect(records[0].headers).toEqual({
      trace: null,
      several: [Buffer.from('a'), null],
      whole: Buffer.from('b'),
    });
  });

  it('leaves what is compressed to kafkajs', async () => {
    const messages = [{ key: 'k', value: 'v' }];
    const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
    const produce = { acks: -1, timeout: 1, producerId: -1, compression: 1, topicData };
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
