/**
 * The size of a WebP image by its first bytes (RFC 9649 section 2), without a decoder: to ask one for it costs a tenth
 * of what decoding does.
 * @returns undefined for what is no WebP
 */
export function webpSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  if (bytes.length < 30) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== RIFF || view.getUint32(8) !== WEBP) return undefined;
  const chunk = view.getUint32(12);
  if (chunk === EXTENDED) return { width: 1 + threeBytes(view, 24), height: 1 + threeBytes(view, 27) };
  if (chunk === LOSSLESS && view.getUint8(20) === LOSSLESS_MARK) {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & SIDE), height: 1 + ((bits >>> 14) & SIDE) };
  }
  if (chunk === LOSSY && threeBytes(view, 23) === LOSSY_MARK) {
    return { width: view.getUint16(26, true) & SIDE, height: view.getUint16(28, true) & SIDE };
  }
  return undefined;
}

/** Chunk names, four letters each, as big-endian numbers. */
const RIFF = 0x52494646;
const WEBP = 0x57454250;
const EXTENDED = 0x56503858; // 'VP8X'
const LOSSLESS = 0x5650384c; // 'VP8L'
const LOSSY = 0x56503820; // 'VP8 '
const LOSSLESS_MARK = 0x2f;
/** 9d 01 2a. */
const LOSSY_MARK = 0x2a019d;
/** Sides have 14 bits. */
const SIDE = 0x3fff;

function threeBytes(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}
