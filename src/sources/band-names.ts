import type { TiffValues } from './tiff-values.ts';

/**
 * What the bands of a file are, as far as it says so: by the descriptions and the colour interpretation that GDAL
 * keeps in its metadata (tag 42112), and by PhotometricInterpretation (tag 262).
 * @returns of each band all its names, in small letters; none where the file says nothing of it
 */
export function bandNames(values: TiffValues, bands: number): string[][] {
  const photometric = byPhotometric[values.number('PhotometricInterpretation') ?? 1] ?? [];
  const names = Array.from({ length: bands }, (_, band) => photometric.slice(band, band + 1));
  for (const { band, name } of metadataNames(values.text('GdalMetadata') ?? '')) {
    if (!isNumberOnly(name) && !meaningless.has(name)) names[band]?.push(name);
  }
  return names;
}

const colours = ['red', 'green', 'blue'];

/** Grey (0 and 1) is how any single number is shown, so it says nothing; RGB, palette, CMYK and YCbCr do. */
const byPhotometric: Readonly<Record<number, readonly string[]>> = {
  2: colours,
  3: ['palette'],
  5: ['cyan', 'magenta', 'yellow', 'black'],
  6: colours,
};

/** Colour interpretations of bands of which nothing is known. */
const meaningless: ReadonlySet<string> = new Set(['', 'gray', 'undefined', 'unknown']);

/** `Band 1`, `layer_2` and `3` only count. */
function isNumberOnly(name: string): boolean {
  return /^(band|layer|channel)?[ _-]?\d{1,4}$/.test(name);
}

const ITEM = /<Item\b([^<>]*)>([^<>]*)<\/Item>/g;

function* metadataNames(xml: string): Generator<{ band: number; name: string }> {
  for (const [, attributes = '', text = ''] of xml.matchAll(ITEM)) {
    const band = /\bsample="(\d{1,4})"/.exec(attributes)?.[1];
    if (band === undefined || !/\brole="(description|colorinterp)"/.test(attributes)) continue;
    yield { band: Number(band), name: normalName(text.replace(/&(\w+);/g, (all, entity) => entities[entity] ?? all)) };
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Names of bands are compared without regard to capitals and to blanks around them. */
export function normalName(name: string): string {
  return name.trim().toLowerCase();
}
