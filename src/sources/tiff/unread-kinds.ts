import { SceneError } from '../../errors.ts';

/**
 * Kinds of files that are not read, and of which no tag tells but the first bytes of a tile, by Compression (TIFF tag
 * 259). They are told before a tile is unpacked, for a thread of its own loses an error's code.
 */
const kinds: ReadonlyMap<number, { readonly name: string; readonly begins: (bytes: Buffer) => boolean }> = new Map([
  // It begins with the code that clears the table, 256, whose low bits come first there: libtiff tells it by that as well.
  [5, { name: 'old-style LZW, low bits first', begins: (bytes) => bytes[0] === 0 && ((bytes[1] ?? 0) & 1) === 1 }],
  [34887, { name: 'LERC of version 1', begins: (bytes) => bytes.toString('latin1', 0, 9) === 'CntZImage' }],
]);

/** @throws {SceneError} `cog.unsupported` */
export function expectReadable(bytes: Uint8Array, compression: number): void {
  const kind = kinds.get(compression);
  if (kind?.begins(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)))
    throw new SceneError('cog.unsupported', kind.name);
}
