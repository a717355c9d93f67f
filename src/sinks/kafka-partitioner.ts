import { type ICustomPartitioner, Partitioners } from 'kafkajs';

const [SEED, M] = [0x9747b28c, 0x5bd1e995];

/**
 * Chooses the partition of a record as Kafka's own producer does: by its key, or in turn where it has none. kafkajs does
 * the same with numbers of 64 bits made of two, in twenty times the time.
 */
export const partitioner: ICustomPartitioner = () => {
  const choose = Partitioners.DefaultPartitioner();
  return (args) => {
    const { key, partition } = args.message;
    const isByKey = key !== null && key !== undefined && (partition === null || partition === undefined);
    return isByKey ? (murmur2(Buffer.from(key)) & 0x7fffffff) % args.partitionMetadata.length : choose(args);
  };
};

/** MurmurHash2 of 32 bits, as in `Utils.murmur2` of Apache Kafka. */
function murmur2(data: Buffer): number {
  const { length } = data;
  let h = SEED ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const k = Math.imul(data.readInt32LE(at), M);
    h = Math.imul(h, M) ^ Math.imul(k ^ (k >>> 24), M);
  }
  if (at < length) {
    for (let shift = 0; at + shift / 8 < length; shift += 8) h ^= (data[at + shift / 8] ?? 0) << shift;
    h = Math.imul(h, M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}
