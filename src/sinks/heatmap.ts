import sharp from 'sharp';
import type { AttentionMap, Place, Raster, Window } from '../scene.ts';
import { eightBits } from './eight-bits.ts';

/**
 * Draws what a classification looked at, as a PNG of two panels: the overview with the places that were looked at, and
 * the attention that chose them. The place with the strongest pull is drawn in another colour.
 */
export type Glimpse = {
  /** Its first three bands are taken as red, green and blue, a single one as grey. */
  readonly overview: Raster;
  readonly attention: AttentionMap;
  /** The part of the overview under the attention map, in pixels of the overview. */
  readonly field: Window;
  readonly places: readonly (Window & Pick<Place, 'pull'>)[];
  /** How many pixels of the places' level one pixel of the overview stands for. */
  readonly scale: number;
};

const PANEL = 720;
const GAP = 8;
const [LOOKED_AT, STRONGEST] = ['#ffffff', '#ffd400'];

export async function heatmap(seen: Glimpse): Promise<Buffer> {
  const [overview = seen.overview] = eightBits([seen.overview]);
  const glimpse = { ...seen, overview };
  const { width, height } = glimpse.overview;
  const zoom = PANEL / Math.max(width, height);
  const [panelWidth, panelHeight] = [width, height].map((side) => Math.max(1, Math.round(side * zoom)));
  const panel = { width: panelWidth as number, height: panelHeight as number };
  const boxes = Buffer.from(boxesSvg(glimpse, zoom, panel));
  const left = await sharp(colour(glimpse.overview), raw(glimpse.overview, 3))
    .resize({ ...panel, fit: 'fill' })
    .composite([{ input: boxes }])
    .png()
    .toBuffer();
  const right = await sharp(mix(glimpse), raw(glimpse.overview, 3))
    .resize({ ...panel, fit: 'fill', kernel: 'nearest' })
    .composite([{ input: boxes }])
    .png()
    .toBuffer();
  return sharp({ create: { width: 2 * panel.width + GAP, height: panel.height, channels: 3, background: '#000000' } })
    .composite([
      { input: left, left: 0, top: 0 },
      { input: right, left: panel.width + GAP, top: 0 },
    ])
    .png()
    .toBuffer();
}

function boxesSvg(
  { places, scale }: Glimpse,
  zoom: number,
  { width, height }: { width: number; height: number },
): string {
  const strongest = Math.max(...places.map(({ pull }) => pull));
  const boxes = places.map((place) => {
    const [x, y, w, h] = [place.x, place.y, place.width, place.height].map((pixels) => (pixels / scale) * zoom);
    const [colour, stroke] = place.pull === strongest ? [STRONGEST, 3] : [LOOKED_AT, 1.5];
    return `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="${colour}" stroke-width="${stroke}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${boxes.join('')}</svg>`;
}

/** Red, green and blue of a raster of any number of bands. */
function colour({ data, width, height, bands }: Raster): Buffer {
  const rgb = Buffer.alloc(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[pixel * 3 + channel] = data[pixel * bands + Math.min(channel, bands - 1)] as number;
    }
  }
  return rgb;
}

/** The overview in dark grey, lit up where the attention is; its square root is shown, or only the peak would be seen. */
function mix({ overview, attention, field }: Glimpse): Buffer {
  const rgb = colour(overview);
  const peak = attention.values.reduce((a, b) => Math.max(a, b), 0);
  for (let pixel = 0; pixel < overview.width * overview.height; pixel += 1) {
    const column = Math.floor((((pixel % overview.width) + 0.5 - field.x) / field.width) * attention.width);
    const row = Math.floor(((Math.floor(pixel / overview.width) + 0.5 - field.y) / field.height) * attention.height);
    const inside = column >= 0 && column < attention.width && row >= 0 && row < attention.height;
    const heat = inside ? Math.sqrt((attention.values[row * attention.width + column] as number) / peak) : 0;
    const grey =
      0.35 * (((rgb[pixel * 3] as number) + (rgb[pixel * 3 + 1] as number) + (rgb[pixel * 3 + 2] as number)) / 3);
    rgb[pixel * 3] = grey + (255 - grey) * Math.min(1, 2 * heat);
    rgb[pixel * 3 + 1] = grey + (255 - grey) * Math.max(0, Math.min(1, 2 * heat - 0.6));
    rgb[pixel * 3 + 2] = grey + (255 - grey) * Math.max(0, 3 * heat - 2);
  }
  return rgb;
}

function raw({ width, height }: Raster, channels: 3) {
  return { raw: { width, height, channels } };
}
