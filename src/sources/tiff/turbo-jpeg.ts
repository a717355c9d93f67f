import type { JpegDecoder } from './jpeg.ts';
import type { TileShape } from './tile-shape.ts';
import { openTurboJpeg, type TurboJpegLibrary } from './turbo-jpeg-library.ts';

/** TJPF_GRAY, TJPF_RGB and TJPF_CMYK, by their samples in a pixel. */
const FORMATS: ReadonlyMap<number, number> = new Map([
  [1, 6],
  [3, 0],
  [4, 11],
]);
/** TJFLAG_LIMITSCANS: a progressive image of thousands of scans, which would compute for minutes, is not gone through. */
const FLAGS = 32768;
/** As many as libuv has threads, unless it is told otherwise: more would only wait in its queue. */
const DECODERS = 4;
/** A tile may have 64 MB, which is not kept for the next one: a common one has less than one. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * What one decoder is: the library's own state, and memory that it uses again for every tile, for a file put together
 * from its pieces and for the pixels. Garbage outside V8's heap has V8 look through all of it.
 */
type Decoder = { readonly handle: unknown; file: Uint8Array; pixels: Uint8Array };

/**
 * JPEG by libjpeg-turbo itself (its TurboJPEG interface), where the machine has the library, in libuv's threads. For a
 * tile of 256² that is a third of what sharp takes, which uses the same library, but reads two hundred options in the
 * thread that calls and builds a pipeline for each image.
 * The decoder throws where the library even warns: pixels that it had to guess are no pixels. Those that it returns, of
 * the whole tile, lie in memory that has to be given back.
 * @returns undefined where the library, or the package that calls it, is not there
 */
export function loadTurboJpeg(names?: readonly string[]): JpegDecoder | undefined {
  const library = openTurboJpeg(names);
  if (library === undefined) return undefined;
  const idle: Decoder[] = Array.from({ length: DECODERS }, () => ({
    handle: library.open(),
    file: new Uint8Array(),
    pixels: new Uint8Array(),
  }));
  const waiting: ((decoder: Decoder) => void)[] = [];
  const giveBack = (decoder: Decoder) => {
    for (const room of ['file', 'pixels'] as const)
      if (decoder[room].length > MOST_KEPT_BYTES) decoder[room] = new Uint8Array();
    const next = waiting.shift();
    if (next) next(decoder);
    else idle.push(decoder);
  };
  return async (pieces, tile) => {
    const decoder = idle.pop() ?? (await new Promise<Decoder>((resolve) => waiting.push(resolve)));
    try {
      const pixels = await decode(library, decoder, pieces, tile);
      const part = { x: 0, y: 0, width: tile.width, height: tile.rows };
      return { part, pixels, giveBack: () => giveBack(decoder) };
    } catch (error) {
      giveBack(decoder);
      throw error;
    }
  };
}

async function decode(
  library: TurboJpegLibrary,
  decoder: Decoder,
  pieces: readonly Uint8Array[],
  { width, rows, samples }: TileShape,
): Promise<Uint8Array> {
  const fileLength = gather(pieces, decoder);
  const length = width * rows * samples;
  if (decoder.pixels.length < length) decoder.pixels = new Uint8Array(length);
  const { handle, file, pixels } = decoder;
  const format = FORMATS.get(samples) as number; // of 1, 3 or 4 bands, as `expectDecodable` has seen to
  const status = await new Promise<number>((resolve, reject) => {
    const done = (error: Error | null, status: number) => (error ? reject(error) : resolve(status));
    library.decompress(handle, file, fileLength, pixels, width, 0, rows, format, FLAGS, done);
  });
  if (status !== 0) throw new Error(`libjpeg-turbo stumbles over ${fileLength} bytes`);
  return pixels.subarray(0, length);
}

/** Puts the file together in the decoder's memory. @returns its length */
function gather(pieces: readonly Uint8Array[], decoder: Decoder): number {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (decoder.file.length < length) decoder.file = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    decoder.file.set(piece, at);
    at += piece.length;
  }
  return length;
}
