import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { SceneError } from '../errors.ts';
import type { Raster, Window } from '../scene.ts';
import { openFile } from './open-file.ts';
import { cropRaster } from './rasters/crop-raster.ts';
import { markValid } from './rasters/mark-valid.ts';
import type { Viewable } from './scene-view.ts';

/**
 * Opens a local file that a model may be shown, whatever kind its first bytes say it is: a JPEG or a PNG, which have one
 * level and no place on the ground, else a TIFF.
 * @throws {SceneError} `source.*`, `cog.*`
 */
export async function openImage(path: string, signal: AbortSignal): Promise<Viewable> {
  const kind = await imageKind(path);
  return kind === undefined ? openFile(path, signal) : openPicture(path, kind);
}

const signatures = { JPEG: [0xff, 0xd8, 0xff], PNG: [0x89, 0x50, 0x4e, 0x47] } as const;
type ImageKind = keyof typeof signatures;

/** @returns undefined for all that is neither, files that cannot be read included: opening those will say why */
async function imageKind(path: string): Promise<ImageKind | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const kinds = Object.keys(signatures) as ImageKind[]; // of a constant
    return kinds.find((kind) => signatures[kind].every((byte, i) => byte === buffer[i]));
  } catch {
    return undefined; // a folder
  } finally {
    await file.close();
  }
}

/** Only its size is read here; reading a window decodes all of it, upright, at 8 bits a sample. */
async function openPicture(path: string, kind: ImageKind): Promise<Viewable> {
  const { autoOrient, space, hasAlpha } = await sharp(path).metadata().catch(rethrow(kind));
  const { width, height } = autoOrient;
  const colours = ['b-w', 'grey16'].includes(space) ? [[]] : [['red'], ['green'], ['blue']];
  const [bands, alpha] = hasAlpha ? [colours.length + 1, colours.length] : [colours.length, undefined];
  return {
    bands,
    bandNames: hasAlpha ? [...colours, ['alpha']] : colours,
    alpha,
    levels: [{ width, height, tileWidth: width, tileHeight: height, metresPerPixel: undefined }],
    async read(_level, windows, signal) {
      signal.throwIfAborted();
      const image = sharp(path).autoOrient();
      const decoded = image.toColourspace(colours.length === 1 ? 'b-w' : 'srgb').raw();
      const { data, info } = await decoded.toBuffer({ resolveWithObject: true }).catch(rethrow(kind));
      if (info.channels !== bands)
        throw new SceneError('cog.unsupported', `a ${kind} of ${info.channels} bands, not ${bands}`);
      const facts = { nodata: undefined, alpha, mask: undefined };
      const raster = { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, bands };
      const whole = alpha === undefined ? raster : await markValid(raster, facts, signal);
      return windows.map((window) => cropped(whole, window));
    },
  };
}

/** A window of all of it is not copied. */
function cropped(whole: Raster, window: Window): Raster {
  return window.width === whole.width && window.height === whole.height ? whole : cropRaster(whole, window);
}

function rethrow(kind: ImageKind): (error: unknown) => never {
  return (error) => {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new SceneError('cog.invalid', `not a ${kind} that can be read: ${reason}`, { cause: error });
  };
}
