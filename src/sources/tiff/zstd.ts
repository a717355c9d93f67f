import { ZSTDDecoder } from 'zstddec';

/**
 * Zstandard (TIFF compression 50000) by zstddec. Its decoder never comes back from a broken frame of unstated
 * length, and has no bound on a stated one; but the length is known here, so every frame is checked block by block and
 * given a header that states it (RFC 8878 section 3.1.1).
 */
const MAGIC = 0xfd2fb528;

/** Frame header descriptor: a content size of 4 bytes, in a single segment. */
const STATED = 0xa0;
const CHECKSUM = 0x04;
const RESERVED = 0x08;
const RESERVED_BLOCK = 3;
const RUN_BLOCK = 1;

/** @throws {Error} for a frame that is broken, or is said to hold anything else than `length` bytes */
export async function zstd(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = blocksOf(view, length);
  const descriptor = view.getUint8(4);
  const end = blocksEnd(view, blocks) + ((descriptor & CHECKSUM) !== 0 ? 4 : 0);
  if (end > bytes.length) throw new Error(`a frame of ${end} bytes`);
  const frame = new Uint8Array(9 + end - blocks);
  const header = new DataView(frame.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint8(4, STATED | (descriptor & CHECKSUM));
  header.setUint32(5, length, true);
  frame.set(bytes.subarray(blocks, end), 9);
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return decoder.decode(frame, length);
}

/** The length of the content, as the frame's header states it; NaN where it does not. */
export function zstdContentBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { at, width } = contentSizeField(view);
  return width === 0 ? Number.NaN : readSize(view, at, width);
}

/** Where the first block begins; a content size, if it is stated, must be the one that is wanted. */
function blocksOf(view: DataView, length: number): number {
  const { at, width } = contentSizeField(view);
  const stated = width === 0 ? length : readSize(view, at, width);
  if (stated !== length) throw new Error(`a frame of ${stated} bytes of content`);
  return at + width;
}

/** @throws {Error} where there is no frame header, or one that asks for a dictionary */
function contentSizeField(view: DataView): { at: number; width: number } {
  if (view.byteLength < 9 || view.getUint32(0, true) !== MAGIC) throw new Error('not a Zstandard frame');
  const descriptor = view.getUint8(4);
  if ((descriptor & 3) !== 0 || (descriptor & RESERVED) !== 0) throw new Error('a frame with a dictionary');
  const single = (descriptor & 0x20) !== 0;
  const at = single ? 5 : 6;
  const width = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  if (at + width > view.byteLength) throw new Error('a frame header cut short');
  return { at, width };
}

function readSize(view: DataView, at: number, width: number): number {
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at, true) + 256;
  if (width === 4) return view.getUint32(at, true);
  return Number(view.getBigUint64(at, true));
}

/** Where the last block ends. */
function blocksEnd(view: DataView, from: number): number {
  for (let at = from; at + 3 <= view.byteLength; ) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const type = (header >>> 1) & 3;
    if (type === RESERVED_BLOCK) break;
    at += 3 + (type === RUN_BLOCK ? 1 : header >>> 3);
    if ((header & 1) === 1) return at;
  }
  throw new Error('blocks without an end');
}
