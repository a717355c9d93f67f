import { basename } from 'node:path';
import type { Geometry } from '../scene.ts';
import type { InspectedLevel, Inspection, Prospect } from './inspect-scene.ts';

/** An inspection for people: facts with their names on the left, a table of levels, and what a classification costs. */
export function inspectionText(found: Inspection): string {
  return [
    basename(found.href),
    ...facts([
      ['file', fileText(found)],
      ['pixels', pixelsText(found)],
      ['layout', layoutText(found.structure)],
      ...cogFacts(found.cog),
      ['CRS', crsText(found.crs)],
      ['footprint', footprintText(found.footprint)],
    ]),
    '',
    ...levelsTable(found.levels),
    '',
    ...facts(prospectFacts(found.classification, found.bytes)),
    '',
  ].join('\n');
}

type Fact = readonly [name: string, text: string];

function facts(rows: readonly Fact[]): string[] {
  return rows.map(([name, text]) => `  ${name.padEnd(10)} ${text}`);
}

function fileText({ bytes, etag, format, byteOrder }: Inspection): string {
  return [bytesText(bytes), `${format}, ${byteOrder}`, ...(etag === null ? [] : [`ETag ${etag}`])].join(', ');
}

function pixelsText(found: Inspection): string {
  const { bands, bandNames, alpha, samples, interleave, storage, compression, nodata, masks } = found;
  const names = bandNames.map((known, band) => (band === alpha ? 'transparency' : known.join(' or ') || 'unnamed'));
  return [
    `${count(bands, 'band')} of ${samples} (${names.join(', ')}), interleaved by ${interleave}`,
    `in ${storage}, compression ${compression}`,
    nodata === null ? 'no nodata value' : `nodata ${nodata}`,
    masks === 0 ? 'no mask' : count(masks, 'mask'),
  ].join('; ');
}

function layoutText(structure: Inspection['structure']): string {
  if (structure === null) return 'not stated';
  if (structure['KNOWN_INCOMPATIBLE_EDITION'] === 'YES') return 'was Cloud-Optimized by GDAL, and was edited since';
  return structure['LAYOUT'] === 'IFDS_BEFORE_DATA' ? 'Cloud-Optimized by GDAL' : `LAYOUT ${structure['LAYOUT']}`;
}

/** A line for each reason. */
function cogFacts({ valid, errors, warnings }: Inspection['cog']): Fact[] {
  const [first, ...others] = [...errors, ...warnings];
  const verdict = valid ? 'valid' : 'not valid';
  return [['COG', first === undefined ? verdict : `${verdict}: ${first}`], ...others.map((why): Fact => ['', why])];
}

function crsText(crs: Inspection['crs']): string {
  if (crs === null) return 'none';
  const code = crs.epsg === null ? [] : [`EPSG:${crs.epsg}`];
  return [...code, ...(crs.name === null ? [] : [crs.name])].join(', ') || 'described by parameters, without a name';
}

/** Its bounds. */
function footprintText(footprint: Geometry | null): string {
  if (footprint === null) return 'unknown';
  const polygons = footprint.type === 'Polygon' ? [footprint.coordinates] : footprint.coordinates;
  const parts = polygons.map(([ring = []]) => {
    const bounds = (axis: 0 | 1) => {
      const values = ring.map((position) => position[axis]);
      return `${Math.min(...values).toFixed(6)} to ${Math.max(...values).toFixed(6)}`;
    };
    return `longitude ${bounds(0)}, latitude ${bounds(1)}`;
  });
  return parts.join(' and ');
}

function levelsTable(levels: readonly InspectedLevel[]): string[] {
  const rows = levels.map((level, index) => [
    String(index),
    `${level.width} × ${level.height}`,
    String(level.tiles),
    `${level.tileWidth} × ${level.tileHeight}`,
    bytesText(level.bytes),
    level.metresPerPixel === null ? 'unknown' : String(Number(level.metresPerPixel.toPrecision(4))),
  ]);
  const table = [['level', 'pixels', 'tiles', 'of pixels', 'stored', 'metres per pixel'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) => `  ${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('   ')}`);
}

function prospectFacts(prospect: Prospect, fileBytes: number): Fact[] {
  const { model } = prospect;
  if ('unsuitable' in prospect) return [['model', `${model} would refuse it: ${prospect.unsuitable}`]];
  const { patches, overview, open, openWithHeader, fetch } = prospect;
  const { size } = patches;
  const averaged = overview.factor === 1 ? 'as it is' : `averaged by ${overview.factor}`;
  const inAll = (opening: typeof open) => {
    const expected = opening.bytes + fetch.bytes.expected;
    const requests = `at most ${count(opening.requests + fetch.requests.most, 'request')}`;
    const share = `${((100 * expected) / fileBytes).toFixed(1)} % of the file`;
    return `about ${bytesText(expected)}, ${share}, in ${count(opening.trips + fetch.trips, 'trip')}, ${requests}`;
  };
  return [
    ['model', model],
    ['overview', `level ${overview.level}, ${averaged}: ${overview.width} × ${overview.height} pixels`],
    ['patches', `level ${patches.level}: ${fetch.patches} of ${size} × ${size} pixels`],
    [
      'open',
      `${bytesText(open.bytes)} in ${count(open.requests, 'request')}, ${count(open.trips, 'trip')} (measured: header and overview)`,
    ],
    ...fetchFacts(prospect),
    ['in all', inAll(open)],
    ...(openWithHeader ? [['', `${inAll(openWithHeader)} (where the header is known)`] as const] : []),
  ];
}

const HELD_WITH_OVERVIEW = 'the overview is made from the very level of the patches';
const HELD_WITH_HEADER = 'all of the file came with its header';

function fetchFacts({ patches, overview, fetch }: Exclude<Prospect, { unsuitable: string }>): Fact[] {
  const { bytes, tiles, meanTileBytes, trips } = fetch;
  const ofOneLevel = patches.level === overview.level;
  if (trips === 0) return [['fetch', `nothing: ${ofOneLevel ? HELD_WITH_OVERVIEW : HELD_WITH_HEADER}`]];
  const about = `about ${bytesText(bytes.expected)}, ${count(tiles.expected, 'tile')} (the mean has ${bytesText(meanTileBytes)})`;
  return [
    ['fetch', `${about}, for patches that lie anywhere`],
    ['', `at most ${bytesText(bytes.most)}, ${count(tiles.most, 'tile')}; ${count(trips, 'trip')}`],
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function bytesText(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
