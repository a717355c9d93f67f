import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OPTIONS = { maxBuffer: 64 << 20, timeout: 60_000 };

/** Pixels of the full-resolution image: columns x to x + width, rows y to y + height. */
export type PixelWindow = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** From 1, or that band's mask: 0 or 255. */
export type GdalBand = number | `mask,${number}`;

/** What tests read of GDAL's description of a file; positions are [x, y] or [longitude, latitude]. */
export type GdalInfo = {
  readonly size: [width: number, height: number];
  readonly coordinateSystem?: { readonly wkt: string };
  readonly geoTransform?: [number, number, number, number, number, number];
  readonly cornerCoordinates: Readonly<
    Record<'upperLeft' | 'lowerLeft' | 'lowerRight' | 'upperRight' | 'center', [x: number, y: number]>
  >;
  readonly wgs84Extent?: { readonly type: 'Polygon'; readonly coordinates: [number, number][][] };
  readonly metadata: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bands: readonly {
    readonly band: number;
    readonly block: [width: number, height: number];
    readonly type: string;
    readonly colorInterpretation: string;
    readonly noDataValue?: number;
    readonly overviews?: readonly { readonly size: [width: number, height: number] }[];
  }[];
};

/**
 * What GDAL's own validator says of a COG; both empty means a valid one.
 * @throws if the file is no GeoTIFF at all
 */
export async function validateCog(path: string): Promise<{ errors: string[]; warnings: string[] }> {
  const script = `
import json, sys
from osgeo_utils.samples import validate_cloud_optimized_geotiff as cog
warnings, errors, _ = cog.validate(sys.argv[1], full_check=True)
print(json.dumps({"errors": errors, "warnings": warnings}))`;
  const { stdout } = await run(await pythonWithGdal(), ['-c', script, path], OPTIONS);
  return JSON.parse(stdout);
}

/** The answer of `gdalinfo -json`, with GDAL's own names. */
export async function gdalInfo(path: string): Promise<GdalInfo> {
  const { stdout } = await run('gdalinfo', ['-json', path], OPTIONS);
  return JSON.parse(stdout);
}

/**
 * Pixels as GDAL reads them, in the file's own number format, as the bytes of rows from the top (little-endian).
 * @param band one or some, interleaved by pixel; without it all
 * @param level overview to read instead, from 0 for the first below full resolution; the window is in its pixels
 */
export async function gdalPixels(
  path: string,
  { band, window, level }: { band?: GdalBand | readonly GdalBand[]; window?: PixelWindow; level?: number } = {},
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-gdal-'));
  try {
    const target = join(folder, 'pixels');
    const bands = [band ?? []].flat().flatMap((one) => ['-b', String(one)]);
    const cut = window ? ['-srcwin', window.x, window.y, window.width, window.height].map(String) : [];
    const from = level === undefined ? [] : ['-oo', `OVERVIEW_LEVEL=${level}`];
    const format = ['-q', '-of', 'ENVI', '-co', 'INTERLEAVE=BIP'];
    await run('gdal_translate', [...format, ...from, ...bands, ...cut, path, target], OPTIONS);
    return await readFile(target);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The bindings belong to the system's Python, which need not be the first on the path. */
export async function pythonWithGdal(): Promise<string> {
  try {
    await run('/usr/bin/python3', ['-c', 'import osgeo_utils'], OPTIONS);
    return '/usr/bin/python3';
  } catch {
    return 'python3';
  }
}
