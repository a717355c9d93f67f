import sharp from 'sharp';
import type { Raster } from '../scene.ts';
import { eightBits } from './eight-bits.ts';

const MOST_PATCHES = 10;
/** In pixels. */
const [SIDE, GAP] = [128, 4];

/**
 * Draws what was seen at the places of a scene side by side, strongest pull first, as a PNG.
 * @param patches each of `pulls[n]`; of more than ten, those that pull most
 */
export async function patchStrip(patches: readonly Raster[], pulls: readonly number[]): Promise<Buffer> {
  const strongest = [...patches.keys()].sort((a, b) => (pulls[b] as number) - (pulls[a] as number));
  const shown = strongest.slice(0, MOST_PATCHES).map((index) => patches[index] as Raster); // an index of theirs
  const tiles = await Promise.all(eightBits(shown).map(tile));
  const width = shown.length * (SIDE + GAP) - GAP;
  return sharp({ create: { width, height: SIDE, channels: 3, background: '#000000' } })
    .composite(tiles.map((input, n) => ({ input, left: n * (SIDE + GAP), top: 0 })))
    .png()
    .toBuffer();
}

/** The first three bands as red, green and blue; with fewer, the first as grey. */
function tile({ data, width, height, bands }: Raster): Promise<Buffer> {
  const channels = 3;
  const rgb = Buffer.alloc(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (let channel = 0; channel < channels; channel += 1)
      rgb[pixel * channels + channel] = data[pixel * bands + (bands < channels ? 0 : channel)] as number;
  return sharp(rgb, { raw: { width, height, channels } })
    .resize(SIDE, SIDE, { fit: 'fill', kernel: 'nearest' })
    .png()
    .toBuffer();
}
