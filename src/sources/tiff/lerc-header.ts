/** What the header of a LERC blob says, as far as decoding depends on it. */
export type LercHeader = {
  readonly width: number;
  readonly height: number;
  /** Values of a pixel. */
  readonly depth: number;
  readonly validPixels: number;
  /** Of the whole blob, this header included. */
  readonly bytes: number;
  /** `i8`, `u8`, `i16`, `u16`, `i32`, `u32`, `f32` or `f64`. */
  readonly samples: string;
};

const MAGIC = 'Lerc2 ';
const VERSIONS = { least: 2, most: 6 } as const;
const types = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'f32', 'f64'];

/**
 * The header of a LERC2 blob (Esri's LERC specification, versions 2 to 6), read before a decoder sees it: decoders take
 * as much memory as it states, of which 94 bytes can state any amount.
 * @throws {Error} where it is none, or of another version
 */
export function lercHeader(bytes: Uint8Array): LercHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1');
  if (bytes.length < 66 || magic !== MAGIC) throw new Error('no LERC blob');
  const version = view.getInt32(6, true);
  if (version < VERSIONS.least || version > VERSIONS.most) throw new Error(`LERC of version ${version}`);
  // Version 3 brought a checksum, 4 the depth, 6 further blobs behind this one.
  const start = version >= 3 ? 14 : 10;
  const at = start + (version >= 4 ? 12 : 8);
  const header = {
    height: view.getInt32(start, true),
    width: view.getInt32(start + 4, true),
    depth: version >= 4 ? view.getInt32(start + 8, true) : 1,
    validPixels: view.getInt32(at, true),
    bytes: view.getInt32(at + 8, true),
    samples: types[view.getInt32(at + 12, true)] ?? 'unknown',
  };
  if (header.bytes < 66 || header.bytes > bytes.length) throw new Error(`a LERC blob of ${header.bytes} bytes`);
  return header;
}
