import type { Layout } from './tiff/layout.ts';
import type { SceneLevels } from './tiff/levels.ts';
import type { OpenHeader } from './tiff/read-header.ts';

/** Why a file is no valid COG, by the rules of GDAL's validator; valid without errors. */
export type CogFaults = {
  readonly errors: readonly string[];
  /** What makes it a poor one. */
  readonly warnings: readonly string[];
};

/** Larger images want tiles and overviews; strips up to this width cost no more than tiles do. */
const LARGE = 512;
const WIDE = 1024;

/**
 * Whether all directories lie at the front of a file, that of the finest level first, and its tiles behind them, those of
 * the coarsest level first: then one read of the front shows the whole scene. All is told by the header: no tile is read.
 */
export function cogFaults(
  { layouts, finest, directories }: Pick<SceneLevels, 'layouts' | 'finest' | 'directories'>,
  { bigTiff, firstBytes }: Pick<OpenHeader, 'bigTiff' | 'firstBytes'>,
): CogFaults {
  const { width, height } = finest.grid;
  const { text, end } = ghostArea(firstBytes, bigTiff);
  const [first] = directories;
  const poor = Math.max(width, height) > LARGE && layouts.length === 1;
  return {
    errors: [
      ...layouts.flatMap(({ grid }, index) =>
        grid.striped && grid.width > WIDE ? [`${name(index)} lies in strips, not in tiles`] : [],
      ),
      ...(/KNOWN_INCOMPATIBLE_EDITION=YES/.test(text) ? ['the file says that it was edited after it was made'] : []),
      ...(first === end ? [] : [`the first directory is at ${first}, not at ${end}, where a COG has it`]),
      ...directoriesInOrder(directories),
      ...tilesInOrder(layouts, directories.at(-1) ?? 0),
    ],
    warnings: poor ? [`no overviews of ${width} × ${height} pixels`] : [],
  };
}

function directoriesInOrder(directories: readonly number[]): string[] {
  return directories.flatMap((directory, index) => {
    const before = directories[index - 1] ?? 0;
    return directory < before
      ? [`the directory of ${name(index)} is at ${directory}, before that of ${name(index - 1)}`]
      : [];
  });
}

function tilesInOrder(layouts: readonly Layout[], lastDirectory: number): string[] {
  const firsts = layouts.map(({ offsets }) => offsets.find((offset) => offset > 0));
  const [coarsest, index] = [firsts.at(-1), layouts.length - 1];
  const inFront =
    coarsest !== undefined && coarsest < lastDirectory
      ? [`the tiles of ${name(index)} begin at ${coarsest}, before its directory`]
      : [];
  const unsorted = firsts.flatMap((first, index) => {
    const coarser = firsts[index + 1];
    if (first === undefined || coarser === undefined || first > coarser) return [];
    return [`the tiles of ${name(index)} begin at ${first}, before those of ${name(index + 1)}`];
  });
  return [...inFront, ...unsorted];
}

function name(level: number): string {
  return `level ${level}`;
}

/** The lines of text with which GDAL's COG driver fills the place before the first directory, and where they end. */
function ghostArea(firstBytes: Uint8Array, bigTiff: boolean): { text: string; end: number } {
  const start = bigTiff ? 16 : 8;
  const [head, bytes] =
    /^GDAL_STRUCTURAL_METADATA_SIZE=(\d{6}) bytes\n/.exec(
      Buffer.from(firstBytes.subarray(start, start + 64)).toString('latin1'),
    ) ?? [];
  if (head === undefined) return { text: '', end: start };
  const end = start + head.length + Number(bytes);
  const text = Buffer.from(firstBytes.subarray(start + head.length, end)).toString('latin1');
  return { text, end: end + (end % 2) };
}
