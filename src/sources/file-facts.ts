import { type Crs, crs } from './ground/crs.ts';
import type { GeoKeyValues } from './ground/geo-keys.ts';
import { compressionName } from './tiff/decoders.ts';
import type { GhostArea } from './tiff/ghost-area.ts';
import type { SampleType } from './tiff/layout.ts';
import type { SceneLevels } from './tiff/levels.ts';
import type { OpenHeader } from './tiff/read-header.ts';

/** How a file is made: what its header says of all its levels together, in words. Plain data. */
export type FileFacts = {
  readonly format: 'TIFF' | 'BigTIFF';
  readonly byteOrder: 'little-endian' | 'big-endian';
  readonly storage: 'tiles' | 'strips';
  readonly compression: string;
  readonly samples: SampleType;
  /** `pixel`: the bands of a pixel lie side by side; `band`: each band has tiles of its own. */
  readonly interleave: 'pixel' | 'band';
  /** As the file states it (GDAL's tag 42113). */
  readonly nodata: string | null;
  /** Transparency masks beside the finest level. */
  readonly masks: 0 | 1;
  readonly crs: Crs | null;
  /** What GDAL's COG writer promises of the file's layout, by its own names; null without its promise. */
  readonly structure: GhostArea | null;
};

export function fileFacts(
  { littleEndian, bigTiff, ghost }: OpenHeader,
  { finest, values, masks }: SceneLevels,
  keys: GeoKeyValues,
): FileFacts {
  const { grid, compression, samples } = finest;
  return {
    format: bigTiff ? 'BigTIFF' : 'TIFF',
    byteOrder: littleEndian ? 'little-endian' : 'big-endian',
    storage: grid.striped ? 'strips' : 'tiles',
    compression: compressionName(compression),
    samples,
    interleave: grid.planes > 1 ? 'band' : 'pixel',
    nodata: values.text('GdalNodata')?.trim() || null,
    masks: masks[0] ? 1 : 0,
    crs: crs(keys),
    structure: ghost,
  };
}
