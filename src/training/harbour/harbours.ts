/** Real harbours, so that scenes lie where ships do: both hemispheres, and UTM zones all around the world. */
export type Harbour = { readonly name: string; readonly longitude: number; readonly latitude: number };

export const harbours: readonly Harbour[] = [
  { name: 'Rotterdam', longitude: 4.02, latitude: 51.97 },
  { name: 'Singapore', longitude: 103.76, latitude: 1.24 },
  { name: 'Los Angeles', longitude: -118.23, latitude: 33.72 },
  { name: 'Santos', longitude: -46.31, latitude: -24.0 },
  { name: 'Cape Town', longitude: 18.43, latitude: -33.88 },
  { name: 'Sydney', longitude: 151.22, latitude: -33.98 },
  { name: 'Yokohama', longitude: 139.68, latitude: 35.42 },
  { name: 'Valparaíso', longitude: -71.61, latitude: -33.02 },
  { name: 'Mumbai', longitude: 72.93, latitude: 18.94 },
  { name: 'Piraeus', longitude: 23.59, latitude: 37.93 },
  { name: 'Vancouver', longitude: -123.16, latitude: 49.3 },
  { name: 'Durban', longitude: 31.05, latitude: -29.88 },
];

/** The EPSG code of WGS 84 / UTM at a place: 326zz north of the equator, 327zz south of it. */
export function utmCode({ longitude, latitude }: Pick<Harbour, 'longitude' | 'latitude'>): number {
  const zone = Math.floor((longitude + 180) / 6) + 1;
  return (latitude < 0 ? 32700 : 32600) + zone;
}

/** The same CRS as proj4 wants it. */
export function utmDefinition(epsg: number): string {
  const south = epsg >= 32700;
  return `+proj=utm +zone=${epsg % 100}${south ? ' +south' : ''} +datum=WGS84 +units=m +no_defs`;
}
