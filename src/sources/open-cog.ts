import type { ReadCost } from '../scene.ts';
import { bandFacts } from './band-facts.ts';
import type { ByteSource } from './bytes/byte-source.ts';
import { meteredSource, type ReadBudget } from './bytes/metered-source.ts';
import type { Cog, Level, StoredTiles } from './cog.ts';
import { cogFaults } from './cog-faults.ts';
import { fileFacts } from './file-facts.ts';
import { footprint } from './ground/footprint.ts';
import { readGeoKeys } from './ground/geo-keys.ts';
import { type Georeference, georeference } from './ground/georeference.ts';
import type { Layout } from './tiff/layout.ts';
import { sceneLevels } from './tiff/levels.ts';
import { readHeader } from './tiff/read-header.ts';
import { readLevel } from './tiff/read-level.ts';

/** Bytes of the first, speculative read: the header of most files, and with luck the smallest overviews. */
export const FIRST_READ_BYTES = 32 * 1024;

/**
 * Open a Cloud-Optimized GeoTIFF: its header is read, its levels are known, its pixels come by window. Any other TIFF
 * with tiles or strips will do, at the price of more bytes.
 * @param budget for this and all that is read of the file later; none: whatever it costs
 * @throws {SceneError} `source.*`, `cog.invalid`, `cog.unsupported`, `budget.exceeded`
 */
export async function openCog(
  source: ByteSource,
  firstReadBytes: number,
  signal: AbortSignal,
  budget?: ReadBudget,
): Promise<Cog> {
  const cost: ReadCost = { bytes: 0, requests: 0, trips: 0, tiles: 0 };
  const metered = meteredSource(source, cost, budget);
  const header = await readHeader(metered, firstReadBytes, signal);
  const { identity, firstBytes } = header;
  const levels = sceneLevels(header);
  const { layouts, masks, finest, values } = levels;
  const { names, alpha } = bandFacts(values, finest.grid.bands);
  const keys = readGeoKeys(values);
  const ground = georeference(values, keys);
  const locate = (index: number, x: number, y: number) => {
    const { grid } = layoutOf(layouts, index);
    const { width, height } = finest.grid;
    return ground?.locate((x * width) / grid.width, (y * height) / grid.height) ?? null;
  };
  return {
    href: source.href,
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
      const level = { layout: layoutOf(layouts, index), mask: masks[index], noData: { nodata: finest.nodata, alpha } };
      return readLevel(level, windows, { source: metered, size: identity.size, firstBytes, cost }, signal);
    },
    footprint: (index, window) => footprint((x, y) => locate(index, x, y), window),
    locate,
  };
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
