import { getDecoder } from 'geotiff';

/**
 * Zstandard (TIFF compression 50000) by geotiff.js, whose decoder has no bound of its own: a frame states how long its
 * content is, or its blocks do, and one that would be far too long is refused unread (RFC 8878 section 3.1.1).
 */
const MAGIC = 0xfd2fb528;
const MAX_BLOCK_BYTES = 128 * 1024;
const MAX_CONTENT_BYTES = 256 * 1024 * 1024;

/** @throws {Error} for a frame that is broken, or holds anything else than `length` bytes */
export async function zstd(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 9 || view.getUint32(0, true) !== MAGIC) throw new Error('not a Zstandard frame');
  const frame = readFrame(view);
  if (frame.content !== undefined && frame.content !== length) throw new Error(`a frame of ${frame.content} bytes`);
  if (frame.content === undefined && longest(view, frame.end) > MAX_CONTENT_BYTES) throw new Error('too many blocks');
  const parameters = { tileWidth: 0, tileHeight: 0, predictor: 1, bitsPerSample: 8, planarConfiguration: 1 };
  const decoder = await getDecoder(50000, parameters);
  return new Uint8Array(await decoder.decode(new Uint8Array(bytes).buffer));
}

/** The length of the content, where it is stated, and the end of the frame header. */
function readFrame(view: DataView): { content: number | undefined; end: number } {
  const descriptor = view.getUint8(4);
  const single = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const at = 5 + (single ? 0 : 1) + dictionary;
  const size = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  if (size === 1) return { content: view.getUint8(at), end: at + 1 };
  if (size === 2) return { content: view.getUint16(at, true) + 256, end: at + 2 };
  if (size === 4) return { content: view.getUint32(at, true), end: at + 4 };
  if (size === 8) return { content: Number(view.getBigUint64(at, true)), end: at + 8 };
  return { content: undefined, end: at };
}

/** The most that a frame's blocks can hold. */
function longest(view: DataView, from: number): number {
  let bytes = 0;
  for (let at = from; at + 3 <= view.byteLength; ) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const type = (header >>> 1) & 3;
    const size = header >>> 3;
    bytes += type === 2 ? MAX_BLOCK_BYTES : size;
    if ((header & 1) === 1) return bytes;
    at += 3 + (type === 1 ? 1 : size);
  }
  return bytes;
}
