import { SceneError } from '../../errors.ts';
import type { HeldBytes } from '../bytes/held-bytes.ts';
import type { Directory, Field } from './tiff-header.ts';
import { readUint } from './tiff-header.ts';
import type { TagName } from './tiff-tags.ts';

/** The values of a directory's fields, whose bytes are all held. */
export type TiffValues = {
  /** Where the directory begins in the file. */
  readonly offset: number;
  has(name: TagName): boolean;
  /** All values of a numeric field. */
  numbers(name: TagName): Float64Array | undefined;
  /** The first value of a numeric field. */
  number(name: TagName): number | undefined;
  bytes(name: TagName): Uint8Array | undefined;
  /** An ASCII field up to its NUL. */
  text(name: TagName): string | undefined;
};

/** @throws {SceneError} `cog.invalid` where a field's type cannot hold numbers, or a number is beyond 2^53 */
export function tiffValues(directory: Directory, held: HeldBytes, littleEndian: boolean): TiffValues {
  const bytes = (name: TagName): Uint8Array | undefined => {
    const field = directory.fields.get(name);
    return field && viewOf(field, name, held);
  };
  const numbers = (name: TagName, most = Number.POSITIVE_INFINITY): Float64Array | undefined => {
    const field = directory.fields.get(name);
    return field && numberField(field, name, littleEndian).read(viewOf(field, name, held), Math.min(field.count, most));
  };
  return {
    offset: directory.offset,
    has: (name) => directory.fields.has(name),
    numbers: (name) => numbers(name),
    number: (name) => numbers(name, 1)?.[0],
    bytes,
    text: (name) => {
      const raw = bytes(name);
      if (raw === undefined) return undefined;
      const end = raw.indexOf(0);
      return Buffer.from(raw.subarray(0, end < 0 ? raw.length : end)).toString('latin1');
    },
  };
}

function viewOf(field: Field, name: TagName, held: HeldBytes): Uint8Array {
  const bytes = held.view(field);
  if (!bytes) throw new Error(`${name}: ${field.length} bytes at ${field.offset} were not read`);
  return bytes;
}

type Reader = (view: DataView, at: number, littleEndian: boolean) => number;

/** By field type (TIFF 6.0 page 15); rationals are not among the tags that we read. */
const readers: Readonly<Record<number, { readonly width: number; readonly read: Reader }>> = {
  1: { width: 1, read: (view, at) => view.getUint8(at) },
  3: { width: 2, read: (view, at, little) => view.getUint16(at, little) },
  4: { width: 4, read: (view, at, little) => view.getUint32(at, little) },
  6: { width: 1, read: (view, at) => view.getInt8(at) },
  8: { width: 2, read: (view, at, little) => view.getInt16(at, little) },
  9: { width: 4, read: (view, at, little) => view.getInt32(at, little) },
  11: { width: 4, read: (view, at, little) => view.getFloat32(at, little) },
  12: { width: 8, read: (view, at, little) => view.getFloat64(at, little) },
  13: { width: 4, read: (view, at, little) => view.getUint32(at, little) },
  16: { width: 8, read: (view, at, little) => readUint(view, at, 8, little) },
  18: { width: 8, read: (view, at, little) => readUint(view, at, 8, little) },
};

/** A field whose values are numbers, wherever its bytes are. */
export type NumberField = Field & {
  /** Bytes of one value. */
  readonly width: number;
  /** The first `most` values in some bytes of it; by default all that are there. */
  read(bytes: Uint8Array, most?: number): Float64Array;
};

/** @throws {SceneError} `cog.invalid` where the field's type cannot hold numbers */
export function numberField(field: Field, name: TagName, littleEndian: boolean): NumberField {
  const reader = readers[field.type];
  if (!reader) throw new SceneError('cog.invalid', `${name} has field type ${field.type}, which is not a number`);
  return {
    ...field,
    width: reader.width,
    read(bytes, most = Math.floor(bytes.length / reader.width)) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const values = new Float64Array(most);
      for (let i = 0; i < most; i += 1) values[i] = reader.read(view, i * reader.width, littleEndian);
      return values;
    },
  };
}
