import type { TiffValues } from './tiff/tiff-values.ts';

/** What the bands of a file are, as far as it says so. */
export type BandFacts = {
  /** Of each band all its names, in small letters; none where nothing is known of it. */
  readonly names: readonly (readonly string[])[];
  /** The band that is transparency: no data where it is 0. */
  readonly alpha: number | undefined;
};

/**
 * A band's description, and its colour: GDAL's metadata (tag 42112) have both, and go before what
 * PhotometricInterpretation (tag 262) and ExtraSamples (tag 338) say of colours.
 */
export function bandFacts(values: TiffValues, count: number): BandFacts {
  const stated = statedOfBands(values.text('GdalMetadata') ?? '', count);
  const tagged = taggedColours(values, count);
  const colours = tagged.map((colour, band) => stated.get(`colorinterp ${band}`) ?? colour);
  const alpha = colours.indexOf('alpha');
  return {
    names: colours.map((colour, band) => [stated.get(`description ${band}`) ?? '', colour].filter(isName)),
    alpha: alpha < 0 ? undefined : alpha,
  };
}

const colours = ['red', 'green', 'blue'];

/** Grey (0 and 1) is how any single number is shown, so it says nothing; RGB, palette, CMYK and YCbCr do. */
const byPhotometric: Readonly<Record<number, readonly string[]>> = {
  2: colours,
  3: ['palette'],
  5: ['cyan', 'magenta', 'yellow', 'black'],
  6: colours,
};

/** ExtraSamples describes the last bands: 1 is associated alpha, 2 unassociated. */
function taggedColours(values: TiffValues, count: number): string[] {
  const photometric = byPhotometric[values.number('PhotometricInterpretation') ?? 1] ?? [];
  const extra = values.numbers('ExtraSamples') ?? [];
  return Array.from({ length: count }, (_, band) => {
    const kind = extra[band - (count - extra.length)];
    return kind === 1 || kind === 2 ? 'alpha' : (photometric[band] ?? '');
  });
}

const ITEM = /<Item\b([^<>]*)>([^<>]*)<\/Item>/g;

/** GDAL's items of single bands, by role and number of the band. */
function statedOfBands(xml: string, count: number): Map<string, string> {
  const stated = new Map<string, string>();
  for (const [, attributes = '', text = ''] of xml.matchAll(ITEM)) {
    const band = Number(/\bsample="(\d+)"/.exec(attributes)?.[1] ?? count);
    const role = /\brole="(description|colorinterp)"/.exec(attributes)?.[1];
    const plain = text.replace(/&(\w+);/g, (all, entity) => entities[entity] ?? all);
    if (role && band < count) stated.set(`${role} ${band}`, normalName(plain));
  }
  return stated;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Colours of bands of which nothing is known. */
const meaningless: ReadonlySet<string> = new Set(['', 'gray', 'undefined', 'unknown']);

/** `Band 1`, `layer_2` and `3` only count. */
function isName(name: string): boolean {
  return !meaningless.has(name) && !/^(band|layer|channel)?[ _-]?\d{1,4}$/.test(name);
}

/** Names of bands are compared without regard to capitals and to blanks around them. */
export function normalName(name: string): string {
  return name.trim().toLowerCase();
}
