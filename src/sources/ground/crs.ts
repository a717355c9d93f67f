import type { GeoKeyValues } from './geo-keys.ts';
import { crsKeys } from './projection.ts';

/** A coordinate reference system as its file names it. */
export type Crs = {
  /** Null where the file describes it by parameters, or not by a code of EPSG's. */
  readonly epsg: number | null;
  readonly name: string | null;
};

/** Of a projected CRS; a geographic one has its own citation, and the first of these may be that of both. */
const citations = ['PCSCitationGeoKey', 'GTCitationGeoKey', 'GeogCitationGeoKey'] as const;

/** The CRS that a file's geo keys (GeoTIFF 1.1 section 7.2) name, whether or not we can compute with it; null without one. */
export function crs(keys: GeoKeyValues): Crs | null {
  const described = crsKeys(keys);
  if (!described) return null;
  const code = Number(described['ProjectedCSTypeGeoKey'] ?? described['GeographicTypeGeoKey']);
  const cited = citations.map((key) => described[key]).find((text) => typeof text === 'string');
  // Writers end a citation with "|", the separator of GeoAsciiParams.
  const [name = ''] = String(cited ?? '').split(/[|\0]/);
  return { epsg: isEpsg(code) ? code : null, name: name.trim() || null };
}

/** Lower codes are obsolete or undefined, 32767 is user-defined, higher ones are private. */
function isEpsg(code: number): boolean {
  return code >= 1024 && code < 32767;
}
