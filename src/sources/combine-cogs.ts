import { SceneError } from '../errors.ts';
import type { Position, Raster, ReadCost, Window } from '../scene.ts';
import { inLanes } from './bytes/in-lanes.ts';
import type { Cog, Level } from './cog.ts';
import { coarseWindow, enlarge } from './rasters/enlarge.ts';
import { sideBySide } from './rasters/side-by-side.ts';

/**
 * Several files with a band each, of one place on grids of their own, as one file on the finest of these: what is coarser
 * is enlarged, each pixel to a square of itself. A level is there where every file has one of its size or a whole number
 * of times smaller.
 * @throws {SceneError} `scene.unsuitable` where the files do not lie on each other, with the numbers
 */
export function combineCogs(cogs: readonly [Cog, ...Cog[]]): Cog {
  const finest = cogs.reduce((best, cog) => (levelOf(cog).width > levelOf(best).width ? cog : best));
  for (const cog of cogs) expectFits(cog, finest);
  const levels = finest.levels.flatMap((level, index) => {
    const parts = cogs.map((cog) => partOf(cog, level));
    const found = parts.filter((part) => part !== undefined);
    return found.length === cogs.length ? [{ level, index, parts: found }] : [];
  });
  const at = (index: number) => {
    const level = levels[index];
    if (!level) throw new RangeError(`level ${index} of a scene with levels 0 to ${levels.length - 1}`);
    return level;
  };
  const etags = cogs.map(({ etag }) => etag).filter((etag) => etag !== null);
  return {
    href: finest.href,
    etag: etags.length === cogs.length ? etags.join(' ') : null,
    lastModified: cogs.map(({ lastModified }) => lastModified).join(' '),
    bytes: cogs.reduce((sum, { bytes }) => sum + bytes, 0),
    bands: cogs.length,
    bandNames: cogs.flatMap(({ bandNames }) => bandNames),
    alpha: undefined,
    levels: levels.map(({ level }) => level),
    facts: finest.facts,
    cost: costOf(cogs),
    read: (index, windows, signal) => readParts(at(index).parts, windows, signal),
    tileBytes: (index) => Float64Array.from(at(index).parts.flatMap(({ cog, level }) => [...cog.tileBytes(level)])),
    maskTiles: () => undefined,
    faults: () => finest.faults(),
    footprint: (index, window) => finest.footprint(at(index).index, window),
    locate: (index, x, y) => finest.locate(at(index).index, x, y),
  };
}

/** Where the pixels of a level come from: a level of a file, `factor` times coarser. */
type Part = { readonly cog: Cog; readonly level: number; readonly factor: number };

/** The finest level of a file that is as large, or a whole number of times smaller; sizes of overviews are rounded. */
function partOf(cog: Cog, { width, height }: Level): Part | undefined {
  return cog.levels
    .map((level, index): Part & { readonly fits: boolean } => {
      const factor = Math.max(1, Math.round(width / level.width));
      const fits = Math.abs(width / factor - level.width) < 1 && Math.abs(height / factor - level.height) < 1;
      return { cog, level: index, factor, fits };
    })
    .find(({ fits }) => fits);
}

async function readParts(parts: readonly Part[], windows: readonly Window[], signal: AbortSignal): Promise<Raster[]> {
  const read: Raster[][] = [];
  await inLanes([...parts.entries()], parts.length, signal, async ([index, { cog, level, factor }], signal) => {
    const grid = cog.levels[level] as Level; // an index into its levels
    const coarse = windows.map((window) => coarseWindow(window, factor, grid));
    const rasters = await cog.read(level, coarse, signal);
    read[index] = rasters.map((raster, n) => enlarge(raster, windows[n] as Window, factor)); // one window, one raster
  });
  const ofWindow = (n: number) => read.map((rasters) => rasters[n]) as [Raster, ...Raster[]]; // a raster of each part
  return Promise.all(windows.map((_, n) => sideBySide(ofWindow(n), signal)));
}

/** Files are read at the same time: trips are those of the one that takes the most. */
function costOf(cogs: readonly Cog[]): Readonly<ReadCost> {
  const sum = (key: keyof ReadCost) => cogs.reduce((total, { cost }) => total + cost[key], 0);
  return {
    get bytes() {
      return sum('bytes');
    },
    get requests() {
      return sum('requests');
    },
    get trips() {
      return Math.max(...cogs.map(({ cost }) => cost.trips));
    },
    get tiles() {
      return sum('tiles');
    },
  };
}

function expectFits(cog: Cog, finest: Cog): void {
  const [{ width, height }, wanted] = [levelOf(cog), levelOf(finest)];
  const unlike = (what: string, is: unknown, others: unknown) =>
    new SceneError('scene.unsuitable', `${cog.href}: ${what} ${is}, where ${finest.href} has ${others}`);
  if (cog.bands !== 1) throw new SceneError('scene.unsuitable', `${cog.href}: ${cog.bands} bands, not one`);
  if (cog.facts.samples !== finest.facts.samples) throw unlike('samples', cog.facts.samples, finest.facts.samples);
  const [crs, other] = [crsOf(cog), crsOf(finest)];
  if (crs !== other) throw unlike('CRS', crs, other);
  const part = partOf(cog, wanted);
  if (part?.level !== 0)
    throw unlike('size', `${width} × ${height}`, `${wanted.width} × ${wanted.height}, no whole number of times more`);
  const corners = [0, width].flatMap((x) => [0, height].map((y) => [x, y] as const));
  const offs = corners.map(([x, y]) =>
    distance(cog.locate(0, x, y), finest.locate(0, x * part.factor, y * part.factor)),
  );
  const off = Math.max(...offs) / distance(finest.locate(0, 0, 0), finest.locate(0, 1, 0));
  if (off > 0.5)
    throw new SceneError('scene.unsuitable', `${cog.href} lies ${off.toFixed(1)} pixels beside ${finest.href}`);
}

function crsOf({ facts: { crs } }: Cog): string {
  return crs === null ? 'none' : String(crs.epsg ?? crs.name);
}

/** In degrees of a great circle, nearly; 0 where neither has a place on the ground, whose sizes must do. */
function distance(a: Position | null, b: Position | null): number {
  if (a === null && b === null) return 0;
  if (a === null || b === null) return Number.POSITIVE_INFINITY;
  return Math.hypot((a[0] - b[0]) * Math.cos((a[1] * Math.PI) / 180), a[1] - b[1]);
}

function levelOf({ levels }: Cog): Level {
  return levels[0] as Level; // a file without a level is not opened
}
