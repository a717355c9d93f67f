import { describe, expect, it } from 'vitest';
import { openCog } from '../../src/sources/open-cog.ts';
import { RecordingSource } from '../fakes/recording-source.ts';
import { buildTiff, plainFields, type TiffImage } from '../fakes/tiff-builder.ts';

async function namesOf(bands: number, fields: TiffImage['fields']) {
  const samples = { SamplesPerPixel: bands, BitsPerSample: Array.from({ length: bands }, () => 8) };
  const tiles = [null, null, null, null];
  const file = buildTiff([{ fields: { ...plainFields, ...samples, ...fields }, tiles }]);
  const { bandNames, alpha } = await openCog(new RecordingSource(file), 32_768, new AbortController().signal);
  return { bandNames, alpha };
}

const item = (name: string, sample: number, role: string, text: string) =>
  `<Item name="${name}" sample="${sample}" role="${role}">${text}</Item>`;

describe('bandFacts', () => {
  it('takes colours from the photometric interpretation, but nothing from grey', async () => {
    expect((await namesOf(1, {})).bandNames).toEqual([[]]);
    expect((await namesOf(2, {})).bandNames).toEqual([[], []]);
    const named = await namesOf(4, { PhotometricInterpretation: 2, ExtraSamples: [0] });
    expect(named).toEqual({ bandNames: [['red'], ['green'], ['blue'], []], alpha: undefined });
  });

  it.each([
    [2, [1], 1],
    [4, [2], 3],
    [4, [0, 2], 3],
    [4, [2, 0], 2],
    [4, [0], undefined],
  ])('knows the alpha of %i bands by ExtraSamples %j', async (bands, ExtraSamples, alpha) => {
    expect((await namesOf(bands, { ExtraSamples })).alpha).toBe(alpha);
  });

  it("takes descriptions and colours from GDAL's metadata", async () => {
    const items = [
      item('DESCRIPTION', 0, 'description', 'B08 &amp; more '),
      item('COLORINTERP', 0, 'colorinterp', 'NIR'),
      item('DESCRIPTION', 1, 'description', 'Band 2'),
      item('COLORINTERP', 1, 'colorinterp', 'Undefined'),
      item('SCALE', 1, 'scale', '0.1'),
      '<Item name="AREA_OR_POINT">Area</Item>',
      item('DESCRIPTION', 7, 'description', 'of a band that is not there'),
    ];
    const GdalMetadata = `<GDALMetadata>\n  ${items.join('\n  ')}\n</GDALMetadata>`;
    expect((await namesOf(2, { GdalMetadata })).bandNames).toEqual([['b08 & more', 'nir'], []]);
  });

  it("believes GDAL's metadata, not the tags, where it says what a colour is, or that it is none", async () => {
    const colours = ['Gray', 'Undefined', 'Undefined', 'Undefined'];
    const GdalMetadata = colours.map((colour, band) => item('COLORINTERP', band, 'colorinterp', colour)).join('');
    const tags = { PhotometricInterpretation: 2, ExtraSamples: [2] };
    expect(await namesOf(4, { ...tags, GdalMetadata })).toEqual({ bandNames: [[], [], [], []], alpha: undefined });
    const transparent = item('COLORINTERP', 1, 'colorinterp', 'Alpha');
    expect(await namesOf(2, { GdalMetadata: transparent })).toMatchObject({ alpha: 1 });
  });

  it('is not held up by metadata that are no XML', async () => {
    expect((await namesOf(1, { GdalMetadata: '<Item'.repeat(100_000) })).bandNames).toEqual([[]]);
  });
});
