import { SceneError } from '../../errors.ts';
import { type ByteRange, endOf } from '../bytes/byte-source.ts';
import type { HeldBytes } from '../bytes/held-bytes.ts';
import {
  indexTables,
  isScalar,
  isWhole,
  isWholeType,
  mostValues,
  type TagName,
  tagName,
  typeBytes,
} from './tiff-tags.ts';

/**
 * The chain of image file directories of a TIFF or BigTIFF (TIFF 6.0 section 2), walked over the bytes that are in
 * memory and over nothing else: where every value lies is known, and its size checked, before it is fetched or parsed.
 */
export type TiffHeader = {
  readonly littleEndian: boolean;
  readonly bigTiff: boolean;
  readonly directories: readonly Directory[];
};

/** One image file directory: the fields that we read, by name. */
export type Directory = { readonly offset: number; readonly end: number; readonly fields: ReadonlyMap<TagName, Field> };

/** Where the values of a tag lie; for short ones that is inside the directory itself. */
export type Field = ByteRange & { readonly type: number; readonly count: number };

/** Of all index tables of a directory. */
export function indexBytes({ fields }: Directory): number {
  return indexTables.reduce((sum, name) => sum + (fields.get(name)?.length ?? 0), 0);
}

/** The chain, as far as its bytes are held: `next` is the directory that is not. */
export type HeaderWalk = { readonly header: TiffHeader; readonly next: ByteRange | undefined };

const MAX_DIRECTORIES = 64;
const MAX_FIELDS = 1024;

type Format = {
  readonly littleEndian: boolean;
  readonly countBytes: 2 | 8;
  readonly entryBytes: 12 | 20;
  readonly offsetBytes: 4 | 8;
  readonly first: number;
};

/**
 * @param size of the whole file
 * @throws {SceneError} `cog.invalid`
 */
export function walkHeader(held: HeldBytes, size: number): HeaderWalk {
  const format = readFormat(held, size);
  const directories: Directory[] = [];
  const visited = new Set<number>();
  let offset = format.first;
  let next: ByteRange | undefined;
  while (offset !== 0 && !next) {
    if (visited.has(offset)) throw invalid(`directory at ${offset} is its own successor`);
    if (visited.size === MAX_DIRECTORIES) throw invalid(`more than ${MAX_DIRECTORIES} directories`);
    visited.add(offset);
    const block = readDirectory(held, format, offset, size);
    if ('directory' in block) {
      directories.push(block.directory);
      offset = block.successor;
    } else next = block;
  }
  return { header: { littleEndian: format.littleEndian, bigTiff: format.offsetBytes === 8, directories }, next };
}

/** Byte order, classic or Big, and where the first directory is: the first 8 or 16 bytes. */
function readFormat(held: HeldBytes, size: number): Format {
  const start = held.view({ offset: 0, length: Math.min(size, 16) });
  if (!start || start.length < 8) throw invalid(`${size} bytes are too few for a TIFF`);
  const order = String.fromCharCode(start[0] ?? 0, start[1] ?? 0);
  if (order !== 'II' && order !== 'MM') throw invalid(`not a TIFF: begins with ${hex(start.subarray(0, 4))}`);
  const littleEndian = order === 'II';
  const magic = readUint(start, 2, 2, littleEndian);
  if (magic === 42) {
    return { littleEndian, countBytes: 2, entryBytes: 12, offsetBytes: 4, first: readUint(start, 4, 4, littleEndian) };
  }
  if (magic !== 43 || start.length < 16) throw invalid(`not a TIFF: begins with ${hex(start.subarray(0, 4))}`);
  const width = readUint(start, 4, 2, littleEndian);
  if (width !== 8) throw invalid(`BigTIFF with offsets of ${width} bytes`);
  return { littleEndian, countBytes: 8, entryBytes: 20, offsetBytes: 8, first: readUint(start, 8, 8, littleEndian) };
}

/** A directory and the offset of its successor, or the range that must be held to read it. */
function readDirectory(
  held: HeldBytes,
  format: Format,
  offset: number,
  size: number,
): { directory: Directory; successor: number } | ByteRange {
  const head = inFile({ offset, length: format.countBytes }, size, 'directory');
  const countBytes = held.view(head);
  if (!countBytes) return head;
  const count = readUint(countBytes, 0, format.countBytes, format.littleEndian);
  if (count > MAX_FIELDS) throw invalid(`directory at ${offset} has ${count} fields, at most ${MAX_FIELDS} are read`);
  const length = format.countBytes + count * format.entryBytes + format.offsetBytes;
  const whole = inFile({ offset, length }, size, 'directory');
  const bytes = held.view(whole);
  if (!bytes) return whole;
  const fields = new Map<TagName, Field>();
  for (let i = 0; i < count; i += 1) {
    const at = format.countBytes + i * format.entryBytes;
    const name = tagName(readUint(bytes, at, 2, format.littleEndian));
    // Of a tag that stands twice the first one counts, as in libtiff.
    if (name && !fields.has(name)) fields.set(name, readField(bytes, at, name, format, offset, size));
  }
  return {
    directory: { offset, end: endOf(whole), fields },
    successor: readUint(bytes, length - format.offsetBytes, format.offsetBytes, format.littleEndian),
  };
}

function readField(bytes: Uint8Array, at: number, name: TagName, format: Format, offset: number, size: number): Field {
  const { littleEndian, offsetBytes } = format;
  const type = readUint(bytes, at + 2, 2, littleEndian);
  const count = readUint(bytes, at + 4, offsetBytes, littleEndian);
  const each = typeBytes(type);
  if (each === undefined) throw invalid(`${name} has the unknown field type ${type}`);
  if (isWhole(name) && !isWholeType(type)) throw invalid(`${name} has field type ${type}, which is not a whole number`);
  if (isScalar(name) && count !== 1) throw invalid(`${name} has ${count} values of type ${type}`);
  if (count > mostValues(name)) throw unsupported(`${name} has ${count} values, at most ${mostValues(name)} are read`);
  const length = each * count;
  const value = at + 4 + offsetBytes;
  if (length <= offsetBytes) return { offset: offset + value, length, type, count };
  if (isScalar(name)) throw invalid(`${name} lies outside its directory`);
  return { ...inFile({ offset: readUint(bytes, value, offsetBytes, littleEndian), length }, size, name), type, count };
}

function inFile(range: ByteRange, size: number, what: string): ByteRange {
  if (endOf(range) <= size) return range;
  throw invalid(`${what} needs ${range.length} bytes at ${range.offset}, but the file ends at ${size}`);
}

/** @throws {SceneError} `cog.invalid` for a number that no file offset can have */
export function readUint(bytes: ArrayBufferView, at: number, width: 2 | 4 | 8, littleEndian: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) return view.getUint16(at, littleEndian);
  if (width === 4) return view.getUint32(at, littleEndian);
  const value = Number(view.getBigUint64(at, littleEndian));
  if (!Number.isSafeInteger(value)) throw invalid(`offset or count ${value}`);
  return value;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function invalid(message: string): SceneError {
  return new SceneError('cog.invalid', message);
}

function unsupported(message: string): SceneError {
  return new SceneError('cog.unsupported', message);
}
