import type { ReadCost, Window } from '../scene.ts';
import { bandFacts } from './band-facts.ts';
import type { ByteSource } from './bytes/byte-source.ts';
import type { Cog, Level, StoredTiles } from './cog.ts';
import { cogFaults } from './cog-faults.ts';
import { fileFacts } from './file-facts.ts';
import { footprint } from './ground/footprint.ts';
import { readGeoKeys } from './ground/geo-keys.ts';
import { type Georeference, georeference } from './ground/georeference.ts';
import { countedSource, forgetChanged, type OpenSettings, readyHeader } from './ready-header.ts';
import type { Layout } from './tiff/layout.ts';
import { type ReadableLevel, readLevel } from './tiff/read-level.ts';

/** Bytes of the first, speculative read: the header of most files, and with luck the smallest overviews. */
export const FIRST_READ_BYTES = 32 * 1024;

/**
 * Open a Cloud-Optimized GeoTIFF: its header is read, its levels are known, its pixels come by window. Any other TIFF
 * with tiles or strips will do, at the price of more bytes.
 * @throws {SceneError} `source.*`, `cog.invalid`, `cog.unsupported`, `budget.exceeded`
 */
export async function openCog(
  bare: ByteSource,
  firstReadBytes: number,
  signal: AbortSignal,
  settings: OpenSettings = {},
): Promise<Cog> {
  const { learn } = settings;
  const cost: ReadCost = { bytes: 0, requests: 0, trips: 0, tiles: 0 };
  const source = countedSource(bare, cost, settings);
  const { header, levels } = await readyHeader(source, firstReadBytes, signal, settings);
  const { identity, firstBytes } = header;
  const { layouts, masks, finest, values } = levels;
  const { names, alpha } = bandFacts(values, finest.grid.bands);
  const keys = readGeoKeys(values);
  const ground = georeference(values, keys);
  const readAndConfirm = async (level: ReadableLevel, windows: readonly Window[], signal: AbortSignal) => {
    const rasters = await readLevel(level, windows, { source, size: identity.size, firstBytes, cost }, signal);
    // All of it came with a header that another had read: a byte tells whether it is that file still, and ours to read.
    // A file that came whole may be one of a server without ranges, which has no single bytes.
    const length = firstBytes.length === identity.size ? identity.size : 1;
    if (cost.requests === 0) await source.read({ offset: 0, length }, signal);
    return rasters;
  };
  const locate = (index: number, x: number, y: number) => {
    const { grid } = layoutOf(layouts, index);
    const { width, height } = finest.grid;
    return ground?.locate((x * width) / grid.width, (y * height) / grid.height) ?? null;
  };
  return {
    href: bare.href,
    etag: identity.etag,
    lastModified: identity.lastModified,
    bytes: identity.size,
    bands: finest.grid.bands,
    bandNames: names,
    alpha,
    levels: layouts.map((layout) => describe(layout, finest, ground)),
    facts: fileFacts(header, levels, keys),
    cost,
    tileBytes: (index) => layoutOf(layouts, index).byteCounts,
    faults: () => cogFaults(levels, header),
    maskTiles: (index) => storedTiles(masks[index]),
    async read(index, windows, signal) {
      const layout = layoutOf(layouts, index);
      const mask = masks[index];
      // Where there is a mask, it alone decides, as in GDAL.
      const noData = mask ? noHints : { nodata: finest.nodata, alpha };
      const level = { layout, mask, noData };
      const rasters = await readAndConfirm(level, windows, signal).catch(forgetChanged(settings));
      if (windows.some((window) => isWhole(layout, window))) learn?.('overview', Math.max(header.end, levelEnd(level)));
      return rasters;
    },
    footprint: (index, window) => footprint((x, y) => locate(index, x, y), window),
    locate,
  };
}

const noHints = { nodata: undefined, alpha: undefined };

function isWhole({ grid }: Layout, { width, height }: Window): boolean {
  return width === grid.width && height === grid.height;
}

/** Where the last of a level's tiles ends, its mask's included. */
function levelEnd({ layout, mask }: Pick<ReadableLevel, 'layout' | 'mask'>): number {
  let end = 0;
  for (const { offsets, byteCounts } of mask ? [layout, mask] : [layout]) {
    for (const [tile, offset] of offsets.entries()) end = Math.max(end, offset + (byteCounts[tile] ?? 0));
  }
  return end;
}

function layoutOf(layouts: readonly Layout[], index: number): Layout {
  const layout = layouts[index];
  if (!layout) throw new RangeError(`level ${index} of a file with levels 0 to ${layouts.length - 1}`);
  return layout;
}

function storedTiles(layout: Layout | undefined): StoredTiles | undefined {
  if (layout === undefined) return undefined;
  const { tileWidth, tileHeight } = layout.grid;
  return { tileWidth, tileHeight, bytes: layout.byteCounts };
}

function describe({ grid }: Layout, finest: Layout, ground: Georeference | undefined): Level {
  const { width, height } = finest.grid;
  const metres = ground?.metresPerPixel(width / 2, height / 2);
  return {
    width: grid.width,
    height: grid.height,
    tileWidth: grid.tileWidth,
    tileHeight: grid.tileHeight,
    metresPerPixel: metres === undefined ? undefined : (metres * width) / grid.width,
  };
}
