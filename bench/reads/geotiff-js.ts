import { fromUrl, type GeoTIFFImage } from 'geotiff';
import type { Read } from './client.ts';
import { overviewSide, windowSide, windows } from './scene.ts';

/** Its types do not know of the size of its blocks. */
type Options = Parameters<typeof fromUrl>[1] & { readonly blockSize?: number };

/** geotiff.js, as one who follows its manual would use it; all windows at once. */
export function geotiffJs(options: Options): Read {
  return async (url) => {
    const tiff = await fromUrl(url, options);
    const count = await tiff.getImageCount();
    const images = await Promise.all(Array.from({ length: count }, (_, i) => tiff.getImage(i)));
    const overview = images.find((image) => image.getWidth() === overviewSide) as GeoTIFFImage; // the scene has it
    const first = await pixels(overview, [0, 0, overviewSide, overviewSide]);
    const finest = images[0] as GeoTIFFImage; // every TIFF has one
    const rest = windows.map(([x, y]) => pixels(finest, [x, y, x + windowSide, y + windowSide]));
    return [first, ...(await Promise.all(rest))];
  };
}

async function pixels(image: GeoTIFFImage, window: number[]): Promise<Uint8Array> {
  return Uint8Array.from((await image.readRGB({ window, interleave: true })) as unknown as Uint8Array);
}
