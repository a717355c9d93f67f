import { ImageFileDirectory } from 'geotiff';
import { type GeoKeys, toProj4 } from 'geotiff-geokeys-to-proj4';
import proj4 from 'proj4';
import type { Position } from '../scene.ts';
import { type TagName, tags } from './tiff-tags.ts';
import type { TiffValues } from './tiff-values.ts';

/** The coordinate reference system that a file's geo keys (GeoTIFF 1.1 section 7.3) describe. */
export type Projection = {
  /** From coordinates of the CRS to longitude and latitude on WGS 84, degrees; null where there is no such point. */
  toLonLat(x: number, y: number): Position | null;
  /** Metres in a unit of the CRS; undefined where that changes from place to place too much to be one number. */
  readonly metresPerUnit: number | undefined;
};

export type GeoReferenceKeys = Readonly<Record<string, unknown>>;

/** Geo keys by name, parsed by geotiff.js from values that were checked and are in memory. */
export function readGeoKeys(values: TiffValues): GeoReferenceKeys {
  const fields = new Map<number, Float64Array | string>();
  for (const name of ['GeoKeyDirectory', 'GeoDoubleParams'] satisfies TagName[]) {
    const numbers = values.numbers(name);
    if (numbers) fields.set(tags[name], numbers);
  }
  const ascii = values.bytes('GeoAsciiParams');
  if (ascii) fields.set(tags.GeoAsciiParams, Buffer.from(ascii).toString('latin1'));
  // The type knows arrays of numbers only, the parser takes typed ones from its own files.
  const directory = new ImageFileDirectory(fields as never, new Map(), new Map(), 0);
  return directory.parseGeoKeyDirectory() ?? {};
}

const USER_DEFINED = 32767;

/** @returns undefined without a CRS, or with one that proj4 does not know */
export function projection(keys: GeoReferenceKeys): Projection | undefined {
  const projected = keys['ProjectedCSTypeGeoKey'];
  if (projected === undefined && keys['GeographicTypeGeoKey'] === undefined) return undefined;
  const described = { ...keys };
  // Many writers name the datum of a projected CRS as well; the converter would take the file for a geographic one.
  if (typeof projected === 'number' && projected !== USER_DEFINED) delete described['GeographicTypeGeoKey'];
  const parameters = toProj4(described as unknown as GeoKeys); // which wants every key there is
  if (Object.keys(parameters.errors).length > 0 || !parameters.proj4) return undefined;
  const { x: unitX, y: unitY } = parameters.coordinatesConversionParameters;
  const converter = proj4(parameters.proj4, 'WGS84');
  const varies = parameters.isGCS || /\+proj=(web)?merc\b/.test(parameters.proj4);
  return {
    toLonLat: (x, y) => finite(converter.forward([x * unitX, y * unitY])),
    metresPerUnit: varies ? undefined : unitX,
  };
}

function finite([longitude = Number.NaN, latitude = Number.NaN]: number[]): Position | null {
  return Number.isFinite(longitude) && Number.isFinite(latitude) ? [longitude, latitude] : null;
}
