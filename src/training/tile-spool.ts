import type { FileHandle } from 'node:fs/promises';
import { TILE_LEADER_BYTES, TILE_TRAILER_BYTES } from './cog-header.ts';
import type { Size } from './pyramid.ts';

/**
 * Where tiles wait until the place of each in the file is known: a COG begins with the smallest overview, which is
 * finished last. They lie in a file of their own, each with its leader and trailer, in the order in which they came.
 */
export class TileSpool {
  /** Full resolution first; what is known of each level's tiles, row by row. */
  readonly levels: readonly SpooledLevel[];
  readonly #file: FileHandle;
  #bytes = 0;

  constructor(file: FileHandle, sizes: readonly Size[]) {
    this.#file = file;
    this.levels = sizes.map((size) => ({ ...size, lengths: [], strips: [] }));
  }

  /** Of all tiles with their leaders and trailers. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the next row of tiles of a level. */
  async append(level: number, tiles: readonly Buffer[]): Promise<void> {
    const strip = Buffer.concat(tiles.flatMap(wrap));
    const known = this.levels[level] as SpooledLevel;
    await this.#file.write(strip, 0, strip.length, this.#bytes);
    known.lengths.push(...tiles.map((tile) => tile.length));
    known.strips.push({ at: this.#bytes, bytes: strip.length });
    this.#bytes += strip.length;
  }

  /** Where each tile comes to lie when the first one's leader is written at `start`; full resolution first. */
  offsets(start: number): number[][] {
    let at = start;
    const placed = this.levels.toReversed().map(({ lengths }) =>
      lengths.map((length) => {
        const offset = at + TILE_LEADER_BYTES;
        at = offset + length + TILE_TRAILER_BYTES;
        return offset;
      }),
    );
    return placed.reverse();
  }

  /** Writes all tiles in the order of a COG: the smallest level first. */
  async copyTo(target: FileHandle, start: number): Promise<void> {
    let at = start;
    for (const strip of this.levels.toReversed().flatMap(({ strips }) => strips)) {
      const { buffer } = await this.#file.read(Buffer.allocUnsafe(strip.bytes), 0, strip.bytes, strip.at);
      await target.write(buffer, 0, strip.bytes, at);
      at += strip.bytes;
    }
  }
}

type SpooledLevel = Size & { readonly lengths: number[]; readonly strips: { at: number; bytes: number }[] };

function wrap(tile: Buffer): Buffer[] {
  const leader = Buffer.alloc(TILE_LEADER_BYTES);
  leader.writeUInt32LE(tile.length);
  return [leader, tile, tile.subarray(-TILE_TRAILER_BYTES)];
}
