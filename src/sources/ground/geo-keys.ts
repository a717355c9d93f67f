import { ImageFileDirectory } from 'geotiff';
import { SceneError } from '../../errors.ts';
import { tags } from '../tiff/tiff-tags.ts';
import type { TiffValues } from '../tiff/tiff-values.ts';

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
  const ascii = Buffer.from(values.bytes('GeoAsciiParams') ?? []).toString('latin1');
  const fields = new Map<number, Float64Array | string>([
    [tags.GeoKeyDirectory, countSeparators(directory, ascii)],
    [tags.GeoAsciiParams, ascii],
  ]);
  const doubles = values.numbers('GeoDoubleParams');
  if (doubles) fields.set(tags.GeoDoubleParams, doubles);
  try {
    // Its type knows plain arrays only, its own parser makes typed ones and its key reader needs them.
    return new ImageFileDirectory(fields as never, new Map(), new Map(), 0).parseGeoKeyDirectory() ?? {};
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

/** geotiff.js takes the last character of a text for its separator "|", which not every writer counts. */
function countSeparators(directory: Float64Array, ascii: string): Float64Array {
  return directory.map((value, i) => {
    const [location, offset = 0] = [directory[i - 1], directory[i + 1]];
    const isLength = i >= 4 && i % 4 === 2 && location === tags.GeoAsciiParams;
    return isLength && !/[|\0]/.test(ascii.charAt(offset + value - 1)) ? value + 1 : value;
  });
}

function invalid(why: string): SceneError {
  return new SceneError('cog.invalid', `GeoKeyDirectory: ${why}`);
}
