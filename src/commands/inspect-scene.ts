import { failureCode, SceneError } from '../errors.ts';
import { draw } from '../model/estimators/draw.ts';
import type { Model } from '../model/model.ts';
import { contentOf } from '../pipeline/draw-places.ts';
import type { AttentionMap, Geometry, ReadCost } from '../scene.ts';
import type { Cog, Level } from '../sources/cog.ts';
import type { CogFaults } from '../sources/cog-faults.ts';
import type { FileFacts } from '../sources/file-facts.ts';
import type { SceneReader } from '../sources/scene-reader.ts';
import type { ViewSettings } from '../sources/scene-view.ts';
import { estimateFetch, type FetchEstimate } from './estimate-fetch.ts';

/** What is in a file, and what a classification of it would cost. Plain data, as `saccade inspect --json` prints it. */
export type Inspection = FileFacts & {
  readonly href: string;
  readonly bytes: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly bands: number;
  /** Of each band all the names that the file gives it. */
  readonly bandNames: readonly (readonly string[])[];
  /** The band that is transparency, from 0. */
  readonly alpha: number | null;
  /** Whether it is a valid Cloud-Optimized GeoTIFF, and why not. */
  readonly cog: CogFaults & { readonly valid: boolean };
  readonly levels: readonly InspectedLevel[];
  readonly footprint: Geometry | null;
  /** What it took to learn all this. */
  readonly header: Cost;
  readonly classification: Prospect;
};

export type InspectedLevel = {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly tiles: number;
  /** Of its tiles as they are stored. */
  readonly bytes: number;
  readonly metresPerPixel: number | null;
};

type Cost = Pick<ReadCost, 'bytes' | 'requests' | 'trips'>;

/** What the model would be shown and what that costs, or why it would not look. */
export type Prospect = { readonly model: string } & (
  | { readonly unsuitable: string }
  | {
      readonly patches: { readonly level: number; readonly size: number };
      /** Read from `level` and averaged down by `factor`. */
      readonly overview: {
        readonly level: number;
        readonly factor: number;
        readonly width: number;
        readonly height: number;
      };
      /** Measured: the header and the overview. */
      readonly open: Cost;
      /** The same for a scene whose header is known already; null where none is kept, as of a local file. */
      readonly openWithHeader: Cost | null;
      readonly fetch: FetchEstimate;
    }
);

export type InspectSettings = Pick<ViewSettings, 'anyResolution' | 'maxOverviewBytes'> & {
  /** Of the draw. */
  readonly seed: number;
};

/**
 * Opens a scene as a classification would, and attends to its overview.
 * @throws {SceneError} `source.*`, `cog.*`
 */
export async function inspectScene(
  href: string,
  { reader, model }: { readonly reader: SceneReader; readonly model: Model },
  settings: InspectSettings,
  signal: AbortSignal,
): Promise<Inspection> {
  const cog = await reader.open(href, signal, { wholeIndex: true });
  const header = costOf(cog);
  const { bytes, etag, lastModified, bands, bandNames, alpha = null, facts } = cog;
  const { width, height } = cog.levels[0] as Level; // a file without a level is not opened
  return {
    ...{ href: cog.href, bytes, etag, lastModified, bands, bandNames, alpha, ...facts },
    cog: validity(cog),
    levels: cog.levels.map((level, index) => inspectLevel(level, cog.tileBytes(index))),
    footprint: cog.footprint(0, { x: 0, y: 0, width, height }),
    header,
    classification: await prospect(cog, { reader, model }, settings, signal),
  };
}

function validity(cog: Cog): Inspection['cog'] {
  const faults = cog.faults();
  return { valid: faults.errors.length === 0, ...faults };
}

function inspectLevel(level: Level, tileBytes: Float64Array): InspectedLevel {
  const { width, height, tileWidth, tileHeight, metresPerPixel = null } = level;
  const bytes = tileBytes.reduce((sum, one) => sum + one, 0);
  return { width, height, tileWidth, tileHeight, tiles: tileBytes.length, bytes, metresPerPixel };
}

async function prospect(
  cog: Cog,
  { reader, model }: { readonly reader: SceneReader; readonly model: Model },
  settings: InspectSettings,
  signal: AbortSignal,
): Promise<Prospect> {
  const { manifest } = model;
  const name = `${manifest.name} ${manifest.version}`;
  const header = costOf(cog);
  try {
    const { levels, overview } = await reader.view(cog, { ...manifest, ...settings }, signal);
    const attention = await model.attend(overview); // refuses what its network cannot see, and scenes without data
    const { width, height } = overview;
    const { size } = manifest.patch;
    const fetch = estimateFetch(cog, levels, { patches: placesIn(cog, attention, model, settings), size });
    return {
      model: name,
      patches: { level: levels.patches, size },
      overview: { level: levels.overview, factor: levels.factor, width, height },
      open: costOf(cog),
      openWithHeader: costWithHeader(cog, header),
      fetch: cameWhole(cog, header) ? { ...fetch, ...nothing } : fetch,
    };
  } catch (error) {
    if (error instanceof Error && failureCode(error) === 'scene.unsuitable')
      return { model: name, unsuitable: error.message };
    throw error;
  }
}

/**
 * As a classification by this address draws them: fewer than the model asks for where fewer cells have attention.
 * @throws {SceneError} `scene.unsuitable` where none has any
 */
function placesIn(cog: Cog, attention: AttentionMap, { manifest, sha256 }: Model, { seed }: InspectSettings): number {
  const { cells } = draw(attention, { ...manifest.draw, seed, key: [contentOf(cog), cog.href, sha256] });
  if (cells.length === 0) throw new SceneError('scene.unsuitable', 'there is no place worth looking at');
  return cells.length;
}

/** Left to read for the patches of a file that came whole. */
const nothing: Pick<FetchEstimate, 'bytes' | 'requests' | 'trips'> = {
  bytes: { expected: 0, most: 0 },
  requests: { most: 0 },
  trips: 0,
};

/** Whether the first read brought all of the file: then all that is wanted of it is in memory. */
function cameWhole({ bytes }: Cog, header: Cost): boolean {
  return header.requests === 1 && header.bytes === bytes;
}

/**
 * A header that is known was read of this very file only if the file says so. Where no range of the overview is read to
 * ask it, a byte is, or the whole file again where it came whole.
 */
function costWithHeader(cog: Cog, header: Cost): Cost | null {
  const { href, etag, lastModified } = cog;
  // What is on this machine is read again, and what nothing tells from another file must be.
  if (new URL(href).protocol === 'file:' || (etag ?? lastModified) === null) return null;
  const overview = difference(costOf(cog), header);
  if (overview.requests > 0) return overview;
  return { bytes: cameWhole(cog, header) ? cog.bytes : 1, requests: 1, trips: 1 };
}

function difference(whole: Cost, part: Cost): Cost {
  return {
    bytes: whole.bytes - part.bytes,
    requests: whole.requests - part.requests,
    trips: whole.trips - part.trips,
  };
}

function costOf({ cost: { bytes, requests, trips } }: Cog): Cost {
  return { bytes, requests, trips };
}
