import { SceneError } from '../../errors.ts';
import { type ByteRange, type ByteSource, endOf, type Identity } from '../bytes/byte-source.ts';
import { HeldBytes } from '../bytes/held-bytes.ts';
import { inLanes } from '../bytes/in-lanes.ts';
import { joinLimits, joinRanges } from '../bytes/join-ranges.ts';
import { foreseeDirectories } from './foresee-directories.ts';
import { type GhostArea, ghostArea, tileSpacing } from './ghost-area.ts';
import { type Directory, type Field, indexBytes, type TiffHeader, walkHeader } from './tiff-header.ts';
import { indexTables, type TagName } from './tiff-tags.ts';
import { type TiffValues, tiffValues } from './tiff-values.ts';
import { type TileGrid, tileGrid } from './tile-grid.ts';
import { type TileIndex, tileIndex } from './tile-index.ts';

/** A directory that describes an image: its short values are in memory and its grid is sound. */
export type ImageDirectory = { readonly values: TiffValues; readonly grid: TileGrid; readonly index: TileIndex };

export type OpenHeader = {
  readonly identity: Identity;
  readonly littleEndian: boolean;
  readonly bigTiff: boolean;
  readonly images: readonly ImageDirectory[];
  /** What the first read brought, which may include whole tiles. */
  readonly firstBytes: Uint8Array;
  /** All that was read of the file to know this, and pages of its index that are read later. */
  readonly held: HeldBytes;
  readonly ghost: GhostArea | null;
  /** Where the last of what was needed ends; a first read of as much would have brought all of it. */
  readonly end: number;
};

export type HeaderSettings = {
  /** Of the first read, which is a guess. */
  readonly firstReadBytes: number;
  /** Read every index table whole, however long: for those who want to know of each tile. */
  readonly wholeIndex?: boolean;
};

const MAX_HEADER_BYTES = 64 * 1024 * 1024;
const MAX_SPANS = 64;
/** A header with longer index tables is not read whole: its longer tables come by pages, when tiles are wanted. */
const MAX_WHOLE_BYTES = 256 * 1024;
const PAGED_BYTES = 16 * 1024;

/** A header's values are small and close together: whatever lies between them costs less than another request. */
const headerLimits = { ...joinLimits, waste: Number.POSITIVE_INFINITY };

/**
 * Read the header: one speculative read, then exactly what it lacks. In a Cloud-Optimized GeoTIFF all directories lie
 * at the front, so the second read is the last one but for very large files.
 * @throws {SceneError} `source.*`, `cog.invalid`
 */
export async function readHeader(
  source: ByteSource,
  settings: HeaderSettings,
  signal: AbortSignal,
): Promise<OpenHeader> {
  const first = await source.read({ offset: 0, length: settings.firstReadBytes }, signal);
  const { identity } = source;
  if (!identity) throw new Error(`${source.href}: read, but of unknown identity`);
  const file = { identity, held: new HeldBytes(), firstLength: first.length };
  file.held.add(0, first);
  for (;;) {
    const parsed = parseHeader(file, settings);
    if ('images' in parsed) return parsed;
    const spans = joinRanges(parsed.missing, headerLimits);
    if (spans.length > MAX_SPANS)
      throw invalid(`the header lies in ${spans.length} places, at most ${MAX_SPANS} are read`);
    await inLanes(spans, MAX_SPANS, signal, async (span, signal) => {
      file.held.add(span.offset, await source.read(span, signal));
    });
  }
}

/** What is held of a file, its first `firstLength` bytes among it. */
export type HeaderBytes = { readonly identity: Identity; readonly held: HeldBytes; readonly firstLength: number };

/**
 * The header in the bytes that are held, or what must be held before more of it is known.
 * @throws {SceneError} `cog.invalid`
 */
export function parseHeader(
  { identity, held, firstLength }: HeaderBytes,
  settings: HeaderSettings = { firstReadBytes: 0 },
): OpenHeader | { readonly missing: readonly ByteRange[] } {
  const { header, next } = walkHeader(held, identity.size);
  const grids = checkedGrids(header, held);
  const fields = wantedFields(header, settings.wholeIndex ?? false);
  const ahead = next ? readAhead(next, header, settings, identity.size) : [];
  const missing = [...fields, ...ahead].flatMap((range) => held.missing(range));
  if (missing.length > 0) return { missing };
  const { littleEndian, bigTiff } = header;
  const firstBytes = held.view({ offset: 0, length: firstLength }) ?? new Uint8Array();
  const ghost = ghostArea(firstBytes, bigTiff);
  const images = readImages(header, held, grids, tileSpacing(ghost));
  const end = Math.max(...header.directories.map((directory) => directory.end), ...fields.map(endOf));
  return { identity, littleEndian, bigTiff, images, firstBytes, held, ghost, end };
}

/** Before anything is fetched for them: a directory with an absurd grid or index is refused by its short values alone. */
function checkedGrids(header: TiffHeader, held: HeldBytes): TileGrid[] {
  return header.directories.map((directory) => {
    const values = tiffValues(directory, held, header.littleEndian);
    return tileGrid(values, (name) => directory.fields.get(name)?.count);
  });
}

function readImages(
  { directories, littleEndian }: TiffHeader,
  held: HeldBytes,
  grids: readonly TileGrid[],
  spacing: number | undefined,
): ImageDirectory[] {
  return directories.map((directory, i) => {
    const grid = grids[i] as TileGrid; // one for each directory
    const [offsets, byteCounts] = indexFields(directory);
    // Bands that have tiles of their own are interleaved in ways that the promise does not tell.
    const facts = { offsets, byteCounts, littleEndian, spacing: grid.planes === 1 ? spacing : undefined };
    return { values: tiffValues(directory, held, littleEndian), grid, index: tileIndex(facts, held) };
  });
}

/** The grid was checked against their counts, so they are there. */
function indexFields({ fields }: Directory): [offsets: Field, byteCounts: Field] {
  const names = fields.has('TileWidth')
    ? (['TileOffsets', 'TileByteCounts'] as const)
    : (['StripOffsets', 'StripByteCounts'] as const);
  return names.map((name) => fields.get(name)) as [Field, Field];
}

function wantedFields(header: TiffHeader, wholeIndex: boolean): Field[] {
  const fields = header.directories.flatMap((directory) => [...directory.fields]);
  const bytes = fields.reduce((sum, [, field]) => sum + field.length, 0);
  if (bytes > MAX_HEADER_BYTES) throw invalid(`the header has ${bytes} bytes, at most ${MAX_HEADER_BYTES} are read`);
  const paged = !wholeIndex && isPaged(header);
  const later = ([name, field]: readonly [TagName, Field]) =>
    paged && indexTables.includes(name) && field.length > PAGED_BYTES;
  return fields.filter((entry) => !later(entry)).map(([, field]) => field);
}

function isPaged({ directories }: TiffHeader): boolean {
  return directories.reduce((sum, directory) => sum + indexBytes(directory), 0) > MAX_WHOLE_BYTES;
}

/**
 * The directories after `next` are of unknown extent. Each level of a pyramid has a quarter of the tiles of the one
 * before, so all that follow have together a third of its index; half of it is enough, and never much too much.
 */
function readAhead(next: ByteRange, header: TiffHeader, settings: HeaderSettings, size: number): ByteRange[] {
  const last = header.directories.at(-1);
  if (last && !settings.wholeIndex && isPaged(header))
    return foreseeDirectories({ next, last, pagedBytes: PAGED_BYTES, size });
  const half = Math.ceil((last ? indexBytes(last) : 0) / 2);
  const ahead = Math.max(settings.firstReadBytes, half);
  const end = Math.min(size, Math.max(endOf(next), next.offset + ahead));
  return [{ offset: next.offset, length: end - next.offset }];
}

function invalid(message: string): SceneError {
  return new SceneError('cog.invalid', message);
}
