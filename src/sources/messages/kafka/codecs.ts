import { createRequire } from 'node:module';
import { decompress as zstd } from 'fzstd';
import kafkajs from 'kafkajs';

const require = createRequire(import.meta.url);
const lz4: { decompress(bytes: Uint8Array): Uint8Array } = require('lz4js');
const snappy: () => unknown = require('kafkajs-snappy');

/**
 * Teaches kafkajs to read what producers of other languages send: of all codecs that Kafka knows it has gzip alone, and
 * a single batch in another would end the consumer for good. All in JavaScript: nothing to compile, nothing to miss.
 * What we send ourselves is not compressed. May be called twice.
 */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = snappy;
  CompressionCodecs[CompressionTypes.LZ4] = reading((bytes) => lz4.decompress(bytes));
  // Producers in Java do not state the size of a frame, which not every decoder can do without.
  CompressionCodecs[CompressionTypes.ZSTD] = reading((bytes) => zstd(bytes));
}

function reading(decompress: (bytes: Uint8Array) => Uint8Array) {
  return () => ({
    decompress: async (bytes: Buffer) => Buffer.from(decompress(bytes)),
    compress: async () => {
      throw new Error('Saccade sends nothing compressed');
    },
  });
}
