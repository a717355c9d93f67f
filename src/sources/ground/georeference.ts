import type { Position } from '../../scene.ts';
import type { TiffValues } from '../tiff/tiff-values.ts';
import { apply, readAffine } from './affine.ts';
import type { GeoKeyValues } from './geo-keys.ts';
import { projection } from './projection.ts';

/** Where the pixels of a file's finest level are on the ground. */
export type Georeference = {
  /** A point in pixels; null where the CRS has no sure way to longitude and latitude. */
  locate(column: number, row: number): Position | null;
  /** Ground size of a pixel along x at the given point. */
  metresPerPixel(column: number, row: number): number | undefined;
};

/** Mean radius, metres (IUGG). */
const EARTH_RADIUS = 6_371_008.8;

/**
 * Metres of a projected CRS are taken at its word. Degrees, and Mercator's metres, which are up to twice too long at
 * the latitudes where people live, are measured on the sphere.
 * @returns undefined without a CRS that we know, or without an affine map to it
 * @throws {SceneError} `cog.invalid`
 */
export function georeference(values: TiffValues, keys: GeoKeyValues): Georeference | undefined {
  const affine = readAffine(values, Number(keys['GTRasterTypeGeoKey'] ?? 1));
  const crs = projection(keys);
  if (!affine || !crs) return undefined;
  const locate = (column: number, row: number) => crs.toLonLat(...apply(affine, column, row));
  return {
    locate,
    metresPerPixel(column, row) {
      if (crs.metresPerUnit !== undefined) return Math.hypot(affine.a, affine.d) * crs.metresPerUnit;
      const [from, to] = [locate(column - 0.5, row), locate(column + 0.5, row)];
      return from && to ? distance(from, to) : undefined;
    },
  };
}

/** Along a great circle, metres (haversine). */
function distance([lon0, lat0]: Position, [lon1, lat1]: Position): number {
  const radians = Math.PI / 180;
  const across = Math.sin(((lon1 - lon0) * radians) / 2) ** 2;
  const up = Math.sin(((lat1 - lat0) * radians) / 2) ** 2;
  const chord = up + Math.cos(lat0 * radians) * Math.cos(lat1 * radians) * across;
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(chord));
}
