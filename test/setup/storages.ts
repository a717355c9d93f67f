/** A way of storing a raster, in the words of GDAL's drivers. */
export type Storage = {
  readonly file: string;
  readonly name: string;
  readonly codec: string;
  readonly driver: 'GTiff' | 'COG';
  readonly type: string;
  readonly bands: number;
  readonly options: readonly string[];
  readonly nodata?: number;
  /** With a square of nothing but zeros or nodata, which a sparse file leaves out. */
  readonly empty?: boolean;
  readonly mask?: boolean;
  /** The last band is transparency. */
  readonly alpha?: boolean;
  /** With NaN and infinities. */
  readonly special?: boolean;
  readonly range?: readonly [least: number, most: number];
  /** By how much GDAL's own pixels may be off what was written. */
  readonly tolerance?: number;
  /** By how many levels ours may be off GDAL's: 2 where two builds of a decoder may round differently. */
  readonly levels: 0 | 2;
  /** What is outside of the promise: refused with a code. */
  readonly beyond?: boolean;
};

type Draft = Omit<Storage, 'file' | 'name' | 'driver' | 'levels'> & Partial<Pick<Storage, 'driver' | 'levels'>>;

/**
 * The matrix: every codec with every type, predictor, layout and interleave that GDAL writes it in; byte order, BigTIFF,
 * number of bands, sparse tiles, masks and nodata take turns, so that each meets each. All sizes are odd.
 */
export function storages(): Storage[] {
  const drafts = [...lossless(), ...clouds(), ...images(), ...lossyLerc(), ...masked(), ...beyond()];
  return drafts.map((draft, i) => {
    const { driver = 'GTiff', levels = 0, type, bands, options, nodata, mask, alpha, empty } = draft;
    const extras = { nodata, mask, alpha, empty };
    const told = Object.entries(extras).flatMap(([word, value]) => (value === undefined ? [] : [word]));
    const name = [driver, `${bands} × ${type}`, ...options, ...told].join(' ');
    return { ...draft, driver, levels, name, file: `storage-${i}` };
  });
}

type Sample = { readonly type: string; readonly options: readonly string[]; readonly float?: boolean };

const samples: readonly Sample[] = [
  { type: 'Byte', options: [] },
  { type: 'Byte', options: ['PIXELTYPE=SIGNEDBYTE'] },
  { type: 'UInt16', options: [] },
  { type: 'Int16', options: [] },
  { type: 'UInt32', options: [] },
  { type: 'Int32', options: [] },
  { type: 'Float32', options: [], float: true },
  { type: 'Float64', options: [], float: true },
];
const half: Sample = { type: 'Float32', options: ['NBITS=16'], float: true };
const bit: Sample = { type: 'Byte', options: ['NBITS=1'] };

const layouts = [
  ['TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=48', 'INTERLEAVE=PIXEL'],
  ['TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=48', 'INTERLEAVE=BAND'],
  ['BLOCKYSIZE=10', 'INTERLEAVE=PIXEL'],
  ['BLOCKYSIZE=157', 'INTERLEAVE=BAND'],
];
const tiled = layouts[0] as string[];

function lossless(): Draft[] {
  const kinds = ['NONE', 'DEFLATE', 'LZW', 'ZSTD', 'PACKBITS', 'LERC', 'LERC_DEFLATE', 'LERC_ZSTD'].flatMap((codec) =>
    samplesOf(codec).flatMap((sample) => predictors(codec, sample).map((predictor) => ({ codec, sample, predictor }))),
  );
  return kinds.flatMap(({ codec, sample, predictor }, k) =>
    layouts.map((layout, l): Draft => {
      const turn = k + l;
      const bits = sample === bit;
      const turns = [
        `COMPRESS=${codec}`,
        ...(predictor > 1 ? [`PREDICTOR=${predictor}`] : []),
        ...(turn % 3 === 0 ? ['ENDIANNESS=BIG'] : []),
        ...(turn % 5 === 0 ? ['BIGTIFF=YES'] : []),
        ...(turn % 7 === 0 ? ['SPARSE_OK=YES'] : []),
      ];
      return {
        codec,
        type: sample.type,
        bands: [1, 3, 2, 4, 9][turn % 5] as number,
        options: [...sample.options, ...turns, ...layout],
        ...(bits && { range: [0, 2] }),
        ...(turn % 7 === 0 && { empty: true }),
        ...(turn % 4 === 1 && !bits && { nodata: 7 }),
        ...(turn % 11 === 0 && turn % 4 !== 1 && { mask: true }),
        ...(sample.float && turn % 2 === 0 && !codec.startsWith('LERC') && { special: true }),
      };
    }),
  );
}

function samplesOf(codec: string): readonly Sample[] {
  return codec.startsWith('LERC') ? samples : [...samples, half, bit];
}

function predictors(codec: string, sample: Sample): readonly number[] {
  if (!['DEFLATE', 'LZW', 'ZSTD'].includes(codec) || sample === bit) return [1];
  return sample.float ? [1, 2, 3] : [1, 2];
}

/** As GDAL's COG driver writes them, with overviews. */
function clouds(): Draft[] {
  const types = samples.filter(({ options }) => options.length === 0);
  return ['NONE', 'DEFLATE', 'LZW', 'ZSTD', 'LERC', 'LERC_DEFLATE', 'LERC_ZSTD'].flatMap((codec, c) =>
    types.map(({ type }, t): Draft => {
      const turn = c + t;
      const predicts = predictors(codec, { type, options: [] }).length > 1 && turn % 2 === 0;
      const options = [`COMPRESS=${codec}`, 'BLOCKSIZE=64', ...(predicts ? ['PREDICTOR=YES'] : [])];
      return {
        codec,
        driver: 'COG',
        type,
        bands: [1, 3, 4, 2][turn % 4] as number,
        options: [...options, ...(turn % 5 === 0 ? ['BIGTIFF=YES'] : []), ...(turn % 3 === 0 ? ['SPARSE_OK=YES'] : [])],
        ...(turn % 3 === 0 && { empty: true }),
        ...(turn % 3 === 1 && { nodata: 7 }),
        ...(turn % 3 === 2 && { mask: true }),
      };
    }),
  );
}

/** Codecs for images, whose decoders are built here and there with other rounding. */
function images(): Draft[] {
  const jpeg = layouts.flatMap((layout) => [
    ...['YCBCR', 'RGB'].flatMap((photometric) =>
      layout.includes('INTERLEAVE=BAND') ? [] : [{ bands: 3, options: [`PHOTOMETRIC=${photometric}`, ...layout] }],
    ),
    { bands: 1, options: layout },
    ...(layout.includes('INTERLEAVE=BAND') ? [{ bands: 3, options: layout }] : []),
    { bands: 4, options: layout },
  ]);
  // JPEG counts in blocks of 8 or 16: a strip is 16 rows, and the last one is cut off.
  const jpegs = jpeg.map(({ bands, options }, i) => ({
    bands,
    options: ['COMPRESS=JPEG', ...options.map((o) => o.replace('BLOCKYSIZE=10', 'BLOCKYSIZE=16')), turns(i)].flat(),
  }));
  const webps = [3, 4].flatMap((bands) =>
    [layouts[0], layouts[2]].flatMap((layout = []) =>
      ['YES', 'NO'].map((lossless, i) => ({
        bands,
        options: ['COMPRESS=WEBP', `WEBP_LOSSLESS=${lossless}`, ...layout, turns(i)].flat(),
      })),
    ),
  );
  const clouds = ['JPEG', 'WEBP'].flatMap((codec) =>
    [{}, { mask: true }, { empty: true }].map((more) => ({
      driver: 'COG' as const,
      bands: 3,
      options: [`COMPRESS=${codec}`, 'BLOCKSIZE=64', ...('empty' in more ? ['SPARSE_OK=YES'] : [])],
      ...more,
    })),
  );
  return [...jpegs, ...webps, ...clouds].map((draft) => {
    const codec = /COMPRESS=(\w+)/.exec(draft.options.join(' '))?.[1] ?? '';
    return { ...draft, codec, type: 'Byte', levels: 2, ...(draft.bands === 4 && { alpha: true }) };
  });
}

function turns(i: number): string[] {
  return [...(i % 3 === 0 ? ['ENDIANNESS=BIG'] : []), ...(i % 4 === 0 ? ['BIGTIFF=YES'] : [])];
}

function lossyLerc(): Draft[] {
  return ['LERC', 'LERC_DEFLATE', 'LERC_ZSTD'].flatMap((codec) =>
    [
      { type: 'Byte', tolerance: 2 },
      { type: 'Int16', tolerance: 10 },
      { type: 'UInt16', tolerance: 1 },
      { type: 'Float32', tolerance: 0.5 },
      { type: 'Float64', tolerance: 0.01 },
    ].map(({ type, tolerance }, t): Draft => {
      const options = [`COMPRESS=${codec}`, `MAX_Z_ERROR=${tolerance}`, ...(layouts[t % layouts.length] ?? [])];
      return { codec, type, bands: (t % 2) + 1, options, tolerance };
    }),
  );
}

/** What says that pixels have no data, where a codec has a way of its own for it. */
function masked(): Draft[] {
  return ['LERC', 'LERC_DEFLATE', 'LERC_ZSTD'].flatMap((codec): Draft[] => [
    { codec, type: 'Byte', bands: 4, alpha: true, options: [`COMPRESS=${codec}`, 'PHOTOMETRIC=RGB', ...tiled] },
    { codec, type: 'Byte', bands: 2, alpha: true, options: [`COMPRESS=${codec}`, ...tiled] },
    { codec, type: 'Float32', bands: 1, special: true, options: [`COMPRESS=${codec}`, ...tiled] },
    { codec, type: 'Float64', bands: 1, special: true, options: [`COMPRESS=${codec}`, ...tiled] },
    { codec, type: 'Float32', bands: 3, special: true, options: [`COMPRESS=${codec}`, 'INTERLEAVE=BAND'] },
  ]);
}

/** What GDAL writes and is beyond the promise. */
function beyond(): Draft[] {
  const one = (
    codec: string,
    type: string,
    options: readonly string[],
    bands = 1,
    more: Partial<Draft> = {},
  ): Draft => {
    return { codec, type, bands, options: [`COMPRESS=${codec}`, ...options], beyond: true, ...more };
  };
  return [
    one('DEFLATE', 'Int64', tiled),
    one('NONE', 'UInt64', tiled),
    one('ZSTD', 'CInt16', tiled),
    one('LZW', 'CFloat32', tiled),
    one('NONE', 'UInt16', ['NBITS=12', ...tiled], 1, { range: [0, 4095] }),
    one('DEFLATE', 'Byte', ['NBITS=4', ...tiled], 1, { range: [0, 15] }),
    one('LZW', 'Byte', ['NBITS=2', ...tiled], 3, { range: [0, 3] }),
    one('LZMA', 'Byte', tiled),
    one('CCITTFAX4', 'Byte', ['NBITS=1', ...tiled], 1, { range: [0, 2] }),
    one('CCITTRLE', 'Byte', ['NBITS=1', 'BLOCKYSIZE=10'], 1, { range: [0, 2] }),
    one('JPEG', 'Byte', tiled, 2),
  ];
}
