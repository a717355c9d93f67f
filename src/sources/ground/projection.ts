import { type GeoKeys, toProj4 } from 'geotiff-geokeys-to-proj4';
import proj4, { type Converter } from 'proj4';
import type { Position } from '../../scene.ts';
import type { GeoKeyValues } from './geo-keys.ts';

/** The coordinate reference system that a file's geo keys (GeoTIFF 1.1 section 7.3) describe. */
export type Projection = {
  /** From coordinates of the CRS to longitude and latitude on WGS 84, degrees; null where there is no sure way. */
  toLonLat(x: number, y: number): Position | null;
  /** Metres in a unit of the CRS; undefined where that changes from place to place too much to be one number. */
  readonly metresPerUnit: number | undefined;
};

const USER_DEFINED = 32767;

/** @returns undefined without a CRS, or with one that the converter does not know */
export function projection(keys: GeoKeyValues): Projection | undefined {
  const described = crsKeys(keys);
  const parameters = described && attempt(() => toProj4(described as unknown as GeoKeys)); // its type wants every key
  if (!parameters?.proj4) return undefined;
  const { errors, isGCS, coordinatesConversionParameters: units } = parameters;
  if (Object.keys(errors).some((error) => error !== 'bothGCSAndPCSAreSet')) return undefined;
  const definition = repair(parameters.proj4);
  const converter = reachesWgs84(definition) ? attempt(() => proj4(definition, 'WGS84')) : undefined;
  const varies = isGCS || /\+proj=(web)?merc\b/.test(definition);
  return {
    toLonLat: (x, y) => (converter ? lonLat(converter, x * units.x, y * units.y) : null),
    metresPerUnit: varies ? undefined : units.x,
  };
}

/** GTModelTypeGeoKey. */
const PROJECTED = 1;
const GEOGRAPHIC = 2;

/** The keys that matter to the CRS's kind; undefined for geocentric and unstated ones. */
export function crsKeys(keys: GeoKeyValues): GeoKeyValues | undefined {
  const projected = keys['ProjectedCSTypeGeoKey'];
  const geographic = keys['GeographicTypeGeoKey'];
  const model = keys['GTModelTypeGeoKey'] ?? (projected === undefined ? GEOGRAPHIC : PROJECTED);
  if (model === PROJECTED ? projected === undefined : model !== GEOGRAPHIC || geographic === undefined)
    return undefined;
  const described = { ...keys };
  // Many writers name the datum of a projected CRS as well; the converter would take the file for a geographic one.
  if (model === PROJECTED && projected !== USER_DEFINED) delete described['GeographicTypeGeoKey'];
  if (model === GEOGRAPHIC) delete described['ProjectedCSTypeGeoKey'];
  return described;
}

/** Two things that the converter's definitions lack or have twice. */
function repair(definition: string): string {
  // It hands out the unit as a factor as well, by which coordinates are multiplied before they come here.
  const inMetres = definition.replace(/\+(to_meter|units)=\S+ ?/g, '');
  // Polar stereographic by its standard parallel (EPSG method 9829) implies the pole.
  const [, parallel] = /\+proj=stere .*\+lat_ts=(\S+)/.exec(inMetres) ?? [];
  if (parallel === undefined || inMetres.includes('+lat_0=')) return inMetres;
  return `${inMetres} +lat_0=${Number(parallel) < 0 ? -90 : 90}`;
}

/**
 * Datums on the ellipsoids of WGS 84 and GRS 80 (ETRS89, NAD83, GDA2020, …) are WGS 84 to within metres, as GDAL takes
 * them too; older ones lie a hundred metres off, and without a stated shift no footprint is better than that one.
 */
function reachesWgs84(definition: string): boolean {
  const [, a, b] = /\+a=(\S+) \+b=(\S+)/.exec(definition) ?? [];
  return definition.includes('+towgs84=') || Number(a) === 6378137 || a === b;
}

function lonLat(converter: Converter, x: number, y: number): Position | null {
  const [longitude = Number.NaN, latitude = Number.NaN] = attempt(() => converter.forward([x, y])) ?? [];
  if (!(Math.abs(longitude) <= 540 && Math.abs(latitude) <= 90)) return null;
  // Grids of the whole world may count from 0 to 360.
  return [Math.abs(longitude) > 180 ? longitude - 360 * Math.sign(longitude) : longitude, latitude];
}

/** Both libraries throw at parameters and points that they cannot make sense of. */
function attempt<T>(convert: () => T): T | undefined {
  try {
    return convert();
  } catch {
    return undefined;
  }
}
