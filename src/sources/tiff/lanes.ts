/** How much of a read is under way at a time. */
export type Lanes = {
  /** Spans that are being fetched or decoded. */
  readonly spans: number;
  /** Tiles of each span that are being decoded. */
  readonly tiles: number;
};

const MOST: Lanes = { spans: 16, tiles: 4 };
/** Of decoded tiles: some four of the largest that a file may have. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * As many as hide the wait for bytes, and fewer where tiles are so large that together they would fill the memory.
 * @param tileBytes of a tile, decoded
 */
export function lanesFor(tileBytes: number): Lanes {
  const room = Math.max(1, Math.floor(MOST_BYTES / tileBytes));
  const spans = Math.min(MOST.spans, room);
  return { spans, tiles: Math.min(MOST.tiles, Math.floor(room / spans)) };
}
