/**
 * 16 × 16 pixels in LERC, as GDAL 3.6.2 writes them (COMPRESS=LERC, a single tile): pixel (x, y) is
 * floor(x / 8) · 10 + floor(y / 8), in `f32` half of it, and there (0, 0) is NaN, which LERC masks.
 * @param change breaks the blob, whose checksum is mended afterwards
 */
export function lercBlob(samples: 'u8' | 'f32', change?: (blob: Buffer) => void): Buffer {
  const blob = Buffer.from(blobs[samples], 'hex');
  change?.(blob);
  blob.writeUInt32LE(fletcher32(blob.subarray(14)), 10);
  return blob;
}

const blobs = {
  u8: '4c6572633220040000009d991d2c10000000100000000100000000010000080000005100000001000000000000000000e03f0000000000000000000000000000264000000000000b000002070a0301070b',
  f32: '4c657263322004000000335b9b4c100000001000000001000000ff0000000800000064000000060000000000000000000000000000000000000000000000000016400800000001007fe1ffff0080000000000000b04000028705030000003f070000b040',
};

/** LERC's checksum of all behind it: Fletcher's, of words whose high byte comes first. */
function fletcher32(bytes: Uint8Array): number {
  let [sum1, sum2] = [0xffff, 0xffff];
  for (let i = 0; i < bytes.length; i += 2) {
    sum1 = (sum1 + ((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0)) % 0xffff || 0xffff;
    sum2 = (sum2 + sum1) % 0xffff || 0xffff;
  }
  return ((sum2 << 16) | sum1) >>> 0;
}
