/** What GDAL's COG writer promises of a file's layout, by its own names. */
export type GhostArea = Readonly<Record<string, string>>;

/** Longer than it ever is. */
const GHOST_BYTES = 4096;

/** The ghost area of GDAL's COG driver: lines of text between the file's first bytes and its first directory. */
export function ghostArea(firstBytes: Uint8Array, bigTiff: boolean): GhostArea | null {
  const text = Buffer.from(firstBytes.subarray(bigTiff ? 16 : 8, GHOST_BYTES)).toString('latin1');
  const [start, bytes] = /^GDAL_STRUCTURAL_METADATA_SIZE=(\d{6}) bytes\n/.exec(text) ?? [];
  if (start === undefined) return null;
  const lines = text.slice(start.length, start.length + Number(bytes)).matchAll(/^(\w+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}

/** Bytes of a tile's leader and of its trailer together. */
const LEADER_AND_TRAILER = 8;

/**
 * Bytes between the end of a tile and the start of the next one that is stored; undefined where that is not promised,
 * or no longer true, or where tiles of a mask lie between.
 */
export function tileSpacing(ghost: GhostArea | null): number | undefined {
  if (ghost === null) return undefined;
  const { LAYOUT, BLOCK_ORDER, BLOCK_LEADER, BLOCK_TRAILER, KNOWN_INCOMPATIBLE_EDITION } = ghost;
  const promised =
    LAYOUT === 'IFDS_BEFORE_DATA' &&
    BLOCK_ORDER === 'ROW_MAJOR' &&
    BLOCK_LEADER === 'SIZE_AS_UINT4' &&
    BLOCK_TRAILER === 'LAST_4_BYTES_REPEATED' &&
    KNOWN_INCOMPATIBLE_EDITION === 'NO' &&
    ghost['MASK_INTERLEAVED_WITH_IMAGERY'] !== 'YES';
  return promised ? LEADER_AND_TRAILER : undefined;
}
