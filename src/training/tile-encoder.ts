import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { jpegTile } from './jpeg-tile.ts';

/** How the tiles of a file are stored: RGB as JPEG, which loses a little, or one band of grey, which loses nothing. */
export type TileEncoding = { readonly kind: 'rgb-jpeg'; readonly quality: number } | { readonly kind: 'grey-deflate' };

export type TileEncoder = {
  /** Samples of a pixel, 8 bits each. */
  readonly bands: number;
  /** Quantisation and Huffman tables that all tiles share; none for Deflate. */
  readonly jpegTables: Buffer | undefined;
  /** @param pixels a whole tile, interleaved by pixel */
  encode(pixels: Uint8Array): Promise<Buffer>;
};

/** @param size side of a tile in pixels */
export function tileEncoder(encoding: TileEncoding, size: number): Promise<TileEncoder> {
  return encoding.kind === 'rgb-jpeg' ? jpegEncoder(encoding.quality, size) : greyEncoder(size);
}

/** One quality and the standard Huffman tables give every tile the same tables; a file has room for no others. */
async function jpegEncoder(quality: number, size: number): Promise<TileEncoder> {
  const { tables: jpegTables } = await jpegTile(new Uint8Array(size * size * 3), size, quality);
  return {
    bands: 3,
    jpegTables,
    async encode(pixels) {
      const { tables, stream } = await jpegTile(pixels, size, quality);
      if (!jpegTables.equals(tables)) throw new Error('JPEG tables differ among tiles');
      return stream;
    },
  };
}

const deflated = promisify(deflate);

async function greyEncoder(size: number): Promise<TileEncoder> {
  const black = Buffer.alloc(size * size);
  const blackTile = await deflated(black); // most tiles of a sparse scene
  return {
    bands: 1,
    jpegTables: undefined,
    encode: async (pixels) => (black.equals(pixels) ? blackTile : deflated(pixels)),
  };
}
