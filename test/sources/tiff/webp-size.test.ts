import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { webpSize } from '../../../src/sources/tiff/webp-size.ts';

const kinds = {
  lossy: { channels: 3, options: { lossless: false } },
  lossless: { channels: 3, options: { lossless: true } },
  'lossy with alpha': { channels: 4, options: { lossless: false } },
  'lossless with alpha': { channels: 4, options: { lossless: true } },
} as const;

describe('webpSize', () => {
  for (const [kind, { channels, options }] of Object.entries(kinds)) {
    it(`tells the size of an image that is ${kind}, as its decoder does`, async () => {
      for (const [width, height] of [
        [16, 16],
        [257, 300],
        [4000, 17],
      ] as const) {
        const noise = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 2654435761) >>> 24);
        const bytes = await sharp(noise, { raw: { width, height, channels } }).webp(options).toBuffer();
        expect(webpSize(bytes)).toEqual({ width, height });
      }
    });
  }

  it('knows no size of what is no WebP, or of one cut short', async () => {
    const create = { width: 8, height: 8, channels: 3, background: 'red' } as const;
    expect(webpSize(await sharp({ create }).png().toBuffer())).toBeUndefined();
    const webp = await sharp({ create }).webp().toBuffer();
    expect(webpSize(webp.subarray(0, 29))).toBeUndefined();
    expect(webpSize(webp.fill(0, 20, 30))).toBeUndefined();
  });
});
