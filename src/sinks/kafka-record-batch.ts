import { crc32c } from './crc32c.ts';

/**
 * Writes records as a Kafka record batch of version 2 (Kafka protocol guide, "Record Batch"), without compression, in
 * one buffer of the right size: kafkajs makes a buffer for each record and each header, and copies them three times.
 */
export type BatchRecord = {
  readonly key: Buffer | string | null | undefined;
  readonly value: Buffer | string | null | undefined;
  readonly headers?: RecordHeaders | undefined;
  /** In milliseconds since 1970; now, where none is given. */
  readonly timestamp?: string | undefined;
};

/** Null is a header without a value, which Kafka allows and kafkajs reads, but cannot write. */
type HeaderValue = Buffer | string | null;
export type RecordHeaders = Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>>;

/** Who sends a batch, by which the broker knows what it has had. */
export type BatchProducer = {
  readonly id: bigint;
  readonly epoch: number;
  /** Of the first record, counted in its partition. */
  readonly sequence: number;
  readonly isTransactional: boolean;
};

/** A producer that is not idempotent; the zeros are what kafkajs writes for it. */
const NOBODY: BatchProducer = { id: -1n, epoch: 0, sequence: 0, isTransactional: false };
const TRANSACTIONAL = 16;
/** From the first byte of a batch to its first record. */
const HEAD_BYTES = 61;
/** What the length of a batch and its checksum do not cover. */
const [LENGTH_FROM, CHECKSUM_FROM] = [12, 21];

/**
 * @param now in milliseconds since 1970
 * @returns the bytes of the batch, as in the `record_set` of a produce request
 */
export function recordBatch(records: readonly BatchRecord[], now: number, producer: BatchProducer = NOBODY): Buffer {
  // In the order of their texts, as kafkajs has it: all have the same number of digits for the next 260 years.
  const times = records.flatMap(({ timestamp }) => (timestamp === undefined ? [] : [timestamp])).sort();
  const first = Number(times[0] ?? now);
  const sizes = records.map((record, n) => bodyBytes(record, n, timeOf(record, now) - first));
  const buffer = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + varintBytes(2 * size) + size, HEAD_BYTES));
  buffer.writeBigInt64BE(0n, 0); // the broker counts offsets
  buffer.writeInt32BE(buffer.length - LENGTH_FROM, 8);
  buffer.writeInt32BE(0, 12); // leader epoch, which the broker knows
  buffer.writeInt8(2, 16);
  buffer.writeInt16BE(producer.isTransactional ? TRANSACTIONAL : 0, 21); // no compression
  buffer.writeInt32BE(records.length - 1, 23);
  buffer.writeBigInt64BE(BigInt(first), 27);
  buffer.writeBigInt64BE(BigInt(times.at(-1) ?? now), 35);
  buffer.writeBigInt64BE(producer.id, 43);
  buffer.writeInt16BE(producer.epoch, 51);
  buffer.writeInt32BE(producer.sequence, 53);
  buffer.writeInt32BE(records.length, 57);
  let at = HEAD_BYTES;
  records.forEach((record, n) => {
    at = writeVarint(buffer, at, sizes[n] as number); // one for each
    at = writeBody(buffer, at, { record, n, delta: timeOf(record, now) - first });
  });
  buffer.writeUInt32BE(crc32c(buffer, CHECKSUM_FROM), 17);
  return buffer;
}

function timeOf({ timestamp }: BatchRecord, now: number): number {
  return timestamp === undefined ? now : Number(timestamp);
}

function bodyBytes({ key, value, headers }: BatchRecord, n: number, delta: number): number {
  let size = 1 + varintBytes(zigzag(delta)) + varintBytes(2 * n) + blobBytes(key) + blobBytes(value);
  let count = 0;
  for (const name in headers) {
    const values = headers[name];
    if (Array.isArray(values)) {
      for (const one of values) size += blobBytes(name) + blobBytes(one);
      count += values.length;
    } else {
      size += blobBytes(name) + blobBytes(values as HeaderValue | undefined); // the array is gone
      count += 1;
    }
  }
  return size + varintBytes(2 * count);
}

type Body = { readonly record: BatchRecord; readonly n: number; readonly delta: number };

function writeBody(buffer: Buffer, start: number, { record: { key, value, headers = {} }, n, delta }: Body): number {
  buffer[start] = 0; // no attributes
  let at = writeVarint(buffer, start + 1, delta);
  at = writeVarint(buffer, at, n);
  at = writeBlob(buffer, at, key);
  at = writeBlob(buffer, at, value);
  let count = 0;
  for (const name in headers) count += Array.isArray(headers[name]) ? headers[name].length : 1;
  at = writeVarint(buffer, at, count);
  for (const name in headers) {
    const values = headers[name];
    if (Array.isArray(values)) for (const one of values) at = writeBlob(buffer, writeBlob(buffer, at, name), one);
    else at = writeBlob(buffer, writeBlob(buffer, at, name), values as HeaderValue | undefined); // the array is gone
  }
  return at;
}

function blobBytes(blob: Buffer | string | null | undefined): number {
  if (blob === null || blob === undefined) return 1;
  const length = typeof blob === 'string' ? Buffer.byteLength(blob) : blob.length;
  return varintBytes(2 * length) + length;
}

function writeBlob(buffer: Buffer, start: number, blob: Buffer | string | null | undefined): number {
  if (blob === null || blob === undefined) return writeVarint(buffer, start, -1);
  if (typeof blob !== 'string') {
    const at = writeVarint(buffer, start, blob.length);
    buffer.set(blob, at);
    return at + blob.length;
  }
  const at = writeVarint(buffer, start, Buffer.byteLength(blob));
  return at + buffer.write(blob, at);
}

/** Signed numbers as unsigned ones, small for small; beyond 32 bits by arithmetic. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function varintBytes(unsigned: number): number {
  let bytes = 1;
  for (let rest = unsigned; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

function writeVarint(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = zigzag(value);
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    buffer[at] = (rest % 128) + 128;
    at += 1;
  }
  buffer[at] = rest;
  return at + 1;
}
