import { ImageFileDirectory } from 'geotiff';
import { SceneError } from '../errors.ts';
import { tags } from './tiff-tags.ts';
import type { TiffValues } from './tiff-values.ts';

/** A file's geo keys (GeoTIFF 1.1 section 7.1) by name. */
export type GeoKeyValues = Readonly<Record<string, unknown>>;

/**
 * Parsed by geotiff.js from values that were checked and are in memory.
 * @throws {SceneError} `cog.invalid`
 */
export function readGeoKeys(values: TiffValues): GeoKeyValues {
  const directory = values.numbers('GeoKeyDirectory');
  if (!directory) return {};
  const keys = directory[3] ?? 0;
  if (directory.length < 4 * (keys + 1)) throw invalid(`${directory.length} values for ${keys} keys`);
  const fields = new Map<number, Float64Array | string>([[tags.GeoKeyDirectory, directory]]);
  const doubles = values.numbers('GeoDoubleParams');
  if (doubles) fields.set(tags.GeoDoubleParams, doubles);
  const ascii = values.bytes('GeoAsciiParams');
  if (ascii) fields.set(tags.GeoAsciiParams, Buffer.from(ascii).toString('latin1'));
  try {
    // Its type knows plain arrays only, its own parser makes typed ones and its key reader needs them.
    return new ImageFileDirectory(fields as never, new Map(), new Map(), 0).parseGeoKeyDirectory() ?? {};
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function invalid(why: string): SceneError {
  return new SceneError('cog.invalid', `GeoKeyDirectory: ${why}`);
}
