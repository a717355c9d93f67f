import type { Geometry, Raster, Window } from '../scene.ts';
import type { Cog, Level } from './cog.ts';
import type { FileFacts } from './file-facts.ts';
import type { HostSecrets } from './places/host-secrets.ts';
import { sceneReader } from './scene-reader.ts';

/**
 * The reader as a library, `import { openCog } from 'saccade'`: windows of Cloud-Optimized GeoTIFFs, wherever they are,
 * for the fewest requests and bytes, with an account of both. docs/library.md shows it at work.
 */
export type OpenOptions = {
  /** Stops the opening; each read takes one of its own. */
  readonly signal?: AbortSignal;
  /** The href is not our own: public https addresses and stores of objects only, no files. */
  readonly untrusted?: boolean;
  /** What single hosts are shown: headers, such as a bearer token, and a query, such as a shared access signature. */
  readonly hosts?: HostSecrets;
  /** Variables for stores of objects (`AWS_…`, `AZURE_…`), such as `process.env`; none: only what is public. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Of one read; 30 by default. */
  readonly timeoutSeconds?: number;
  /** Connections to one origin; 16 by default. */
  readonly maxConnections?: number;
  /** Of the first read: 32 KiB by default; more, and small overviews come with the header. */
  readonly firstReadBytes?: number;
  /** Read the header and what is likely to be an overview in one: 512 KiB. */
  readonly twoTrips?: boolean;
};

/** A window of a level, in its own pixels. */
export type LevelWindow = Window & {
  /** 0 the finest. */
  readonly level: number;
};

export type ReadOptions = { readonly signal?: AbortSignal };

/** What reading has cost so far. `trips` counts reads that had to wait for an earlier one. */
export type Account = { readonly requests: number; readonly bytes: number; readonly trips: number };

/** An open file. It holds connections until it is closed. */
export type OpenCog = Pick<Cog, 'href' | 'etag' | 'bands' | 'bandNames' | 'levels'> & {
  /** How the file is made. */
  readonly facts: FileFacts;
  /** Of the whole file; null without a CRS that we know. */
  readonly footprint: Geometry | null;
  /** Kept up to date. */
  readonly account: Account;
  /** The pixels of a window, interleaved, in the file's own type of numbers. */
  read(window: LevelWindow, options?: ReadOptions): Promise<Raster>;
  /** Those of many windows of one level: each tile under them is fetched and decoded once, neighbours in one request. */
  readAll(level: number, windows: readonly Window[], options?: ReadOptions): Promise<Raster[]>;
  close(): Promise<void>;
};

/**
 * @param href `https:`, `http:`, `s3:`, `gs:`, `az:`, `file:`, or a path
 * @throws {SceneError} with a `code`: `source.*`, `cog.*`
 */
export async function openCog(href: string, options: OpenOptions = {}): Promise<OpenCog> {
  const { signal = never(), untrusted = false, timeoutSeconds = 30, firstReadBytes = 32_768, ...rest } = options;
  const places = { allowPrivate: !untrusted, roots: untrusted ? [] : ['/'] };
  const reader = sceneReader({ ...rest, ...places, timeoutSeconds, firstReadBytes });
  try {
    return asOpen(await reader.open(href, signal), () => reader.close());
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function asOpen(cog: Cog, close: () => Promise<void>): OpenCog {
  const { href, etag, bands, bandNames, levels, facts } = cog;
  const { width, height } = levels[0] as Level; // a file without a level is not opened
  const readAll: OpenCog['readAll'] = async (level, windows, { signal = never() } = {}) => {
    for (const window of windows) expectInside(window, levels[level], level);
    return cog.read(level, windows, signal);
  };
  return {
    ...{ href, etag, bands, bandNames, levels, facts },
    footprint: cog.footprint(0, { x: 0, y: 0, width, height }),
    get account() {
      const { requests, bytes, trips } = cog.cost;
      return { requests, bytes, trips };
    },
    async read({ level, ...window }, options) {
      const [raster] = await readAll(level, [window], options);
      return raster as Raster; // one window, one raster
    },
    readAll,
    close,
  };
}

/** @throws {RangeError} for what is no window of the level */
function expectInside({ x, y, width, height }: Window, level: Level | undefined, index: number): void {
  const inside =
    level !== undefined &&
    [x, y, width, height].every(Number.isSafeInteger) &&
    Math.min(x, y) >= 0 &&
    Math.min(width, height) > 0 &&
    x + width <= level.width &&
    y + height <= level.height;
  if (inside) return;
  const is = level === undefined ? 'is not there' : `has ${level.width} × ${level.height} pixels`;
  throw new RangeError(`wanted ${width} × ${height} pixels at ${x}, ${y} of level ${index}, which ${is}`);
}

function never(): AbortSignal {
  return new AbortController().signal;
}
