/**
 * CRC-32C (Castagnoli), the checksum of Kafka's record batches; eight bytes a step by eight tables ("slicing by 8",
 * Kounavis & Berry 2005).
 */
const TABLES = makeTables();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** @returns the checksum of `bytes` from `start` to before `end`, an unsigned number of 32 bits */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  let at = start;
  for (const last = end - 7; at < last; at += 8) {
    crc ^= byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    crc =
      entry(T7, crc & 255) ^
      entry(T6, (crc >>> 8) & 255) ^
      entry(T5, (crc >>> 16) & 255) ^
      entry(T4, crc >>> 24) ^
      entry(T3, byte(bytes, at + 4)) ^
      entry(T2, byte(bytes, at + 5)) ^
      entry(T1, byte(bytes, at + 6)) ^
      entry(T0, byte(bytes, at + 7));
  }
  for (; at < end; at += 1) crc = entry(T0, (crc ^ byte(bytes, at)) & 255) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number; // within bounds
}

function entry(table: Int32Array, at: number): number {
  return table[at] as number; // one for each byte
}

function makeTables(): Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, n) => {
    let crc = n;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    return crc;
  });
  const tables = [first];
  for (let k = 1; k < 8; k += 1)
    tables.push((tables[k - 1] as Int32Array).map((crc) => entry(first, crc & 255) ^ (crc >>> 8)));
  return tables;
}
