import { SceneError } from '../../errors.ts';
import { type ByteRange, type ByteSource, endOf, type Identity } from '../bytes/byte-source.ts';
import { HeldBytes } from '../bytes/held-bytes.ts';
import { joinLimits, joinRanges } from '../bytes/join-ranges.ts';
import { type TiffHeader, walkHeader } from './tiff-header.ts';
import { type TiffValues, tiffValues } from './tiff-values.ts';
import { type TileGrid, tileGrid } from './tile-grid.ts';

/** A directory that describes an image: its values are in memory and its grid is sound. */
export type ImageDirectory = { readonly values: TiffValues; readonly grid: TileGrid };

export type OpenHeader = {
  readonly identity: Identity;
  readonly littleEndian: boolean;
  readonly bigTiff: boolean;
  readonly images: readonly ImageDirectory[];
  /** What the first read brought, which may include whole tiles. */
  readonly firstBytes: Uint8Array;
};

const MAX_HEADER_BYTES = 64 * 1024 * 1024;
const MAX_SPANS = 64;

/** A header's values are small and close together: whatever lies between them costs less than another request. */
const headerLimits = { ...joinLimits, waste: Number.POSITIVE_INFINITY };

/**
 * Read the header: one speculative read, then exactly what it lacks. In a Cloud-Optimized GeoTIFF all directories lie
 * at the front, so the second read is the last one but for very large files.
 * @throws {SceneError} `source.*`, `cog.invalid`
 */
export async function readHeader(source: ByteSource, firstReadBytes: number, signal: AbortSignal): Promise<OpenHeader> {
  const held = new HeldBytes();
  const firstBytes = await source.read({ offset: 0, length: firstReadBytes }, signal);
  held.add(0, firstBytes);
  const { identity } = source;
  if (!identity) throw new Error(`${source.href}: read, but of unknown identity`);
  for (;;) {
    const { header, next } = walkHeader(held, identity.size);
    const images = checkedImages(header, held);
    const wanted = wantedRanges(header);
    if (next) wanted.push(readAhead(next, header, firstReadBytes, identity.size));
    const missing = wanted.flatMap((range) => held.missing(range));
    const { littleEndian, bigTiff } = header;
    if (missing.length === 0) return { identity, littleEndian, bigTiff, images, firstBytes };
    const spans = joinRanges(missing, headerLimits);
    if (spans.length > MAX_SPANS)
      throw invalid(`the header lies in ${spans.length} places, at most ${MAX_SPANS} are read`);
    const read = spans.map(async (span) => held.add(span.offset, await source.read(span, signal)));
    await Promise.all(read);
  }
}

/** Before anything is fetched for them: a directory with an absurd grid or index is refused by its short values alone. */
function checkedImages(header: TiffHeader, held: HeldBytes): ImageDirectory[] {
  return header.directories.map((directory) => {
    const values = tiffValues(directory, held, header.littleEndian);
    return { values, grid: tileGrid(values, (name) => directory.fields.get(name)?.count) };
  });
}

function wantedRanges(header: TiffHeader): ByteRange[] {
  const wanted = header.directories.flatMap((directory) => [...directory.fields.values()]);
  const bytes = wanted.reduce((sum, field) => sum + field.length, 0);
  if (bytes <= MAX_HEADER_BYTES) return wanted;
  throw invalid(`the header has ${bytes} bytes, at most ${MAX_HEADER_BYTES} are read`);
}

/**
 * The directories after `next` are of unknown extent. Each level of a pyramid has a quarter of the tiles of the one
 * before, so all that follow have together a third of its index; half of it is enough, and never much too much.
 */
function readAhead(next: ByteRange, header: TiffHeader, firstReadBytes: number, size: number): ByteRange {
  const last = header.directories.at(-1)?.fields.values() ?? [];
  const index = [...last].reduce((sum, field) => sum + field.length, 0);
  const end = Math.min(size, Math.max(endOf(next), next.offset + firstReadBytes, next.offset + Math.ceil(index / 2)));
  return { offset: next.offset, length: end - next.offset };
}

function invalid(message: string): SceneError {
  return new SceneError('cog.invalid', message);
}
