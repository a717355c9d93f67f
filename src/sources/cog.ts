import type { Geometry, Position, Raster, ReadCost, Window } from '../scene.ts';
import type { CogFaults } from './cog-faults.ts';
import type { FileFacts } from './file-facts.ts';

/** One resolution of a file, 0 the finest. */
export type Level = {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Along x at the file's centre; undefined where the file has no CRS. */
  readonly metresPerPixel: number | undefined;
};

/** Tiles as they are stored. */
export type StoredTiles = {
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Of each tile, in the order of its index; 0 for one that was left out. */
  readonly bytes: Float64Array;
};

/** An open Cloud-Optimized GeoTIFF: its header has been read, its pixels come by window. */
export type Cog = {
  readonly href: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Of the whole file. */
  readonly bytes: number;
  /** Transparency among them. */
  readonly bands: number;
  /** Of each band all the names that the file gives it, in small letters; none where it says nothing. */
  readonly bandNames: readonly (readonly string[])[];
  /** The band that is transparency. */
  readonly alpha: number | undefined;
  /** Finest first; masks are not levels. */
  readonly levels: readonly Level[];
  /** How the file is made, for people. */
  readonly facts: FileFacts;
  /** What was read so far, header included. */
  readonly cost: Readonly<ReadCost>;
  /** Pixels of windows of one level, and which of them have data. Each tile under them is fetched and decoded once, nearby byte ranges in one request. */
  read(level: number, windows: readonly Window[], signal: AbortSignal): Promise<Raster[]>;
  /** Stored bytes of each tile of a level, in the order of its index; 0 for one that was left out. */
  tileBytes(level: number): Float64Array;
  /** What is read besides for windows of a level; undefined where it has no mask. */
  maskTiles(level: number): StoredTiles | undefined;
  /** Why it is no valid COG, as far as its header tells. */
  faults(): CogFaults;
  /** The area of a window on the ground; null without a CRS. */
  footprint(level: number, window: Window): Geometry | null;
  /** A point in pixels of a level, on the ground; null without a CRS. */
  locate(level: number, x: number, y: number): Position | null;
};
