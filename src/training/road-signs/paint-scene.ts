import sharp from 'sharp';
import type { Raster } from '../../scene.ts';
import { cropRaster } from '../../sources/rasters/crop-raster.ts';
import type { Light, PlannedSign, ScenePlan } from './plan-scene.ts';
import { drawSign, type Paints } from './sign-shapes.ts';

/**
 * Paints a planned scene: the part of the photograph, the signs over it, all of it packed as JPEG once more, so that
 * signs have its marks as the photograph has.
 */
export async function paintScene(
  photograph: Raster,
  plan: ScenePlan,
  size: { width: number; height: number },
): Promise<Raster> {
  const { width, height } = size;
  const x = Math.round(plan.left * (photograph.width - width));
  const y = Math.round(plan.top * (photograph.height - height));
  const { data, bands } = cropRaster(photograph, { x, y, width, height });
  const raw = { width, height, channels: bands as 3 }; // of a photograph
  const part = sharp(data as Uint8Array, { raw }).flop(plan.mirrored);
  const packed = await part
    .composite([{ input: Buffer.from(drawSigns(plan.signs, size)) }])
    .removeAlpha()
    .jpeg({ quality: plan.quality })
    .toBuffer();
  const pixels = await sharp(packed).raw().toBuffer();
  return { data: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length), width, height, bands: 3 };
}

function drawSigns(signs: readonly PlannedSign[], { width, height }: { width: number; height: number }): string {
  const drawn = signs.toReversed().map((sign, i) => {
    const { x, y, size, tilt, skew, squeeze, blur } = sign;
    const scale = size / 100;
    const place = `translate(${x} ${y}) rotate(${tilt}) skewX(${skew}) scale(${scale * squeeze} ${scale})`;
    const filter = `<filter id="b${i}" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="${blur / scale}"/></filter>`;
    return `${filter}<g transform="${place}" filter="url(#b${i})">${drawSign(sign.shape, sign.mounting, paintsIn(sign.light))}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join('')}</svg>`;
}

function paintsIn({ gain, haze, red }: Light): Paints {
  const paint = (...albedo: readonly number[]) => {
    const bands = albedo.map((share, band) =>
      Math.round(255 * Math.min((gain[band] as number) * (haze + (1 - haze) * share), 1)),
    );
    return `rgb(${bands.join(',')})`;
  };
  return {
    white: paint(1, 1, 1),
    black: paint(0.04, 0.04, 0.05),
    grey: paint(0.4, 0.4, 0.4),
    red: paint(...red),
    blue: paint(0.08, 0.2, 0.6),
    yellow: paint(0.9, 0.65, 0.05),
  };
}
