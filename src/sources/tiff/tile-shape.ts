import type { Window } from '../../scene.ts';
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
  /** What of the tile is wanted, in its own pixels: all that the codecs for images give. The others give all of it. */
  readonly part: Window;
};

/** Undoes a compression; what comes out is the caller's to change, but for pixels stored as they are. */
export type Decoder = (bytes: Uint8Array, tile: TileShape) => Promise<Uint8Array>;
