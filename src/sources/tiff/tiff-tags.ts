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
