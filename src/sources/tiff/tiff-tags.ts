/** The TIFF 6.0, GeoTIFF 1.1 and GDAL tags that are read; a file's other tags are passed over unseen. */
export const tags = {
  NewSubfileType: 254,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  PhotometricInterpretation: 262,
  FillOrder: 266,
  StripOffsets: 273,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  PlanarConfiguration: 284,
  Predictor: 317,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  ExtraSamples: 338,
  SampleFormat: 339,
  JPEGTables: 347,
  ModelPixelScale: 33550,
  ModelTiepoint: 33922,
  ModelTransformation: 34264,
  GeoKeyDirectory: 34735,
  GeoDoubleParams: 34736,
  GeoAsciiParams: 34737,
  GdalMetadata: 42112,
  GdalNodata: 42113,
  LercParameters: 50674,
} as const;

export type TagName = keyof typeof tags;

const names: ReadonlyMap<number, TagName> = new Map(
  (Object.keys(tags) as TagName[]).map((name) => [tags[name], name]), // Object.keys forgets the key type
);

export function tagName(tag: number): TagName | undefined {
  return names.get(tag);
}

/** Fields of one short value, which therefore stands in the directory itself. */
const scalars: ReadonlySet<TagName> = new Set<TagName>([
  'NewSubfileType',
  'ImageWidth',
  'ImageLength',
  'Compression',
  'PhotometricInterpretation',
  'FillOrder',
  'SamplesPerPixel',
  'RowsPerStrip',
  'PlanarConfiguration',
  'Predictor',
  'TileWidth',
  'TileLength',
]);

export function isScalar(name: TagName): boolean {
  return scalars.has(name);
}

/** The fields that tell where tiles or strips lie: the only ones that grow with the image. */
export const indexTables: readonly TagName[] = ['TileOffsets', 'TileByteCounts', 'StripOffsets', 'StripByteCounts'];

/** One value a band. */
const ofBands: readonly TagName[] = ['BitsPerSample', 'SampleFormat', 'ExtraSamples'];

const whole: ReadonlySet<TagName> = new Set([...scalars, ...indexTables, ...ofBands]);

/** Fields that hold whole numbers, and nothing else. */
export function isWhole(name: TagName): boolean {
  return whole.has(name);
}

/** Types of integers; none of offsets of directories (13, 18), which libtiff does not take for places of tiles either. */
export function isWholeType(type: number): boolean {
  return wholeTypes.has(type);
}

const wholeTypes: ReadonlySet<number> = new Set([1, 3, 4, 6, 8, 9, 16, 17]);

/** What is read at most of a field: those of a file that means well are far shorter, and each is gone through whole. */
export function mostValues(name: TagName): number {
  if (ofBands.includes(name)) return 1024;
  if (name === 'GdalMetadata') return 2_000_000;
  return indexTables.includes(name) ? Number.POSITIVE_INFINITY : 65_536;
}

/** Bytes of one value of a field type (TIFF 6.0 page 15; BigTIFF's 16 to 18); undefined for a type that does not exist. */
export function typeBytes(type: number): number | undefined {
  return sizes[type];
}

const sizes: readonly (number | undefined)[] = [
  undefined,
  1,
  1,
  2,
  4,
  8,
  1,
  1,
  2,
  4,
  8,
  4,
  8,
  4,
  undefined,
  undefined,
  8,
  8,
  8,
];
