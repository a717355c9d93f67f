import { SceneError } from '../../errors.ts';
import type { Raster, ReadCost, Window } from '../../scene.ts';
import { type ByteSource, endOf } from '../bytes/byte-source.ts';
import { inLanes } from '../bytes/in-lanes.ts';
import { limitsAt } from '../bytes/join-ranges.ts';
import { copyTile, emptyRaster, markTile, partUnder, sparseTile } from './assemble.ts';
import { decodeTile } from './decode-tile.ts';
import { gatherPlanes } from './gather-planes.ts';
import { lanesFor } from './lanes.ts';
import { type Layout, tileBytes } from './layout.ts';
import { loadIndex } from './load-index.ts';
import { planReads, type ReadPlan, type TileRange } from './plan-reads.ts';
import type { TilePixels } from './tile-shape.ts';

/** Where a file's tiles come from. */
export type TileSource = {
  readonly source: ByteSource;
  /** Of the whole file. */
  readonly size: number;
  /** The file's first bytes, which came with the header. */
  readonly firstBytes: Uint8Array;
  readonly cost: Pick<ReadCost, 'tiles'>;
};

/**
 * Execute a plan: fetch its spans side by side, decode each tile once, as soon as its span is there, and copy from it
 * what lies under each window.
 * @returns one raster for each window, which hold nothing of tiles or spans; tiles that were left out have no data
 * @throws {SceneError} `source.*`, `cog.*`; {RangeError} for a window that is not inside the level
 */
export async function readWindows(
  layout: Layout,
  windows: readonly Window[],
  { source, size, firstBytes, cost }: TileSource,
  signal: AbortSignal,
): Promise<Raster[]> {
  for (const window of windows) expectInside(layout, window);
  await loadIndex(layout, windows, source, signal);
  const plan = planReads(layout, windows, { size, heldBytes: firstBytes.length, limits: limitsAt(source.pace) });
  const lanes = lanesFor(tileBytes(layout, layout.grid.tileHeight));
  const rasters = windows.map((window) => ({ window, raster: emptyRaster(layout, window) }));
  const places = rasters.map(({ window, raster }) =>
    gatherPlanes(layout.grid, window, (tile, planes) => copyTile(layout.grid, tile, planes, window, raster)),
  );
  const place = (tile: number, pixels: TilePixels) => {
    for (const into of places) into(tile, pixels);
  };
  const decode = (tiles: readonly TileRange[], bytes: Uint8Array, from: number, signal: AbortSignal) =>
    inLanes(tiles, lanes.tiles, signal, async (range) => {
      const read = bytes.subarray(range.offset - from, endOf(range) - from);
      const held = firstBytes.subarray(range.offset - range.heldBytes, range.offset);
      const stored = range.heldBytes === 0 ? read : Buffer.concat([held, read]);
      const pixels = await decodeTile(layout, range.tile, stored, partUnder(layout.grid, range.tile, windows));
      try {
        place(range.tile, pixels);
      } finally {
        pixels.giveBack?.();
      }
      cost.tiles += 1;
    });

  const sparse = sparseTile(layout, windows);
  for (const tile of plan.sparse) place(tile, sparse);
  await inLanes(byPlace(layout, plan.spans), lanes.spans, signal, async (span, signal) => {
    const bytes = await source.read(span, signal);
    if (bytes.length !== span.length) throw cutShort(span.length, span.offset, bytes.length);
    await decode(span.ranges, bytes, span.offset, signal);
  });
  await decode(plan.held, firstBytes, 0, signal);
  if (plan.sparse.length === 0) return rasters.map(({ raster }) => raster);
  const stored = [...plan.held, ...plan.spans.flatMap((span) => span.ranges)];
  return rasters.map(({ window, raster }) => ({ ...raster, valid: storedPixels(layout, stored, window) }));
}

/** Where each band has tiles of its own, those of one place one after the other, so that none waits long for the others. */
function byPlace({ grid }: Layout, spans: ReadPlan['spans']): ReadPlan['spans'] {
  if (grid.planes === 1) return spans;
  const place = ({ ranges }: ReadPlan['spans'][number]) => (ranges[0]?.tile ?? 0) % (grid.across * grid.down);
  return spans.toSorted((a, b) => place(a) - place(b));
}

/** Where a band has tiles of its own, a pixel has data if any of its bands has. */
function storedPixels({ grid }: Layout, stored: readonly TileRange[], window: Window): Uint8Array {
  const valid = new Uint8Array(window.width * window.height);
  for (const { tile } of stored) markTile(grid, tile, window, valid);
  return valid;
}

function expectInside({ grid }: Layout, { x, y, width, height }: Window): void {
  const whole = [x, y, width, height].every(Number.isInteger);
  if (whole && x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= grid.width && y + height <= grid.height)
    return;
  throw new RangeError(`window ${width} × ${height} at (${x}, ${y}) of a level of ${grid.width} × ${grid.height}`);
}

function cutShort(wanted: number, offset: number, got: number): SceneError {
  return new SceneError(
    'source.changed',
    `wanted ${wanted} bytes at ${offset}, got ${got}: the file has become shorter`,
  );
}
