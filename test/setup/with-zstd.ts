import kafkajs from 'kafkajs';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** Lets producers of kafkajs write zstd for a while, of which neither kafkajs nor Saccade reads anything. */
export async function withZstd(produce: () => Promise<void>): Promise<void> {
  const missing = CompressionCodecs[CompressionTypes.ZSTD];
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) => frame(buffer),
  });
  try {
    await produce();
  } finally {
    CompressionCodecs[CompressionTypes.ZSTD] = missing;
  }
}

/** A frame of one block that is stored as it is (RFC 8878 §3.1.1). */
function frame(data: Buffer): Buffer {
  const blockHeader = Buffer.alloc(3);
  blockHeader.writeUIntLE(1 | (data.length << 3), 0, 3);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), blockHeader, data]);
}
