import type { PixelArray, Window } from '../../scene.ts';
import type { Layout } from './layout.ts';

/** What a decoder must make of a tile's bytes. Plain data. */
export type TileShape = {
  readonly layout: Layout;
  readonly width: number;
  readonly rows: number;
  /** Per pixel of this tile: the bands, or 1 where each band has its own tiles. */
  readonly samples: number;
  /** Decoded. */
  readonly bytes: number;
  /** What of the tile is wanted, in its own pixels: at least that is given, and by most codecs the whole tile. */
  readonly part: Window;
};

/** Undoes a compression; what comes out is the caller's to change, but for pixels stored as they are. */
export type Decoder = (bytes: Uint8Array, tile: TileShape) => Promise<Uint8Array>;

/** Pixels of a tile, or of a part of it: rows of `part.width` pixels. */
export type TilePixels<T extends PixelArray = PixelArray> = {
  readonly part: Window;
  readonly pixels: T;
  /** All pixels of the tile are alike: the one row that is there stands for each, from its beginning, wherever it lies. */
  readonly alike?: true;
  /** Where the memory is a decoder's own: to be called as soon as what is wanted has been copied, since others may wait for it. */
  readonly giveBack?: () => void;
};

/** Decodes a tile that is an image of its own: the part that is wanted, or more. */
export type ImageDecoder = (bytes: Uint8Array, tile: TileShape) => Promise<TilePixels<Uint8Array>>;
