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
 * from its pieces and for a tile of which only a part is wanted. Garbage outside V8's heap has V8 look through all of it.
 */
type Decoder = { readonly handle: unknown; file: Uint8Array; pixels: Uint8Array };

/**
 * JPEG by libjpeg-turbo itself (its TurboJPEG interface), where the machine has the library, in libuv's threads. For a
 * tile of 256² that is a third of what sharp takes, which uses the same library, but reads two hundred options in the
 * thread that calls and builds a pipeline for each image.
 * The decoder throws where the library even warns: pixels that it had to guess are no pixels.
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
  return async (pieces, tile) => {
    const decoder = idle.pop() ?? (await new Promise<Decoder>((resolve) => waiting.push(resolve)));
    try {
      return await decode(library, decoder, { pieces, tile });
    } finally {
      for (const room of ['file', 'pixels'] as const)
        if (decoder[room].length > MOST_KEPT_BYTES) decoder[room] = new Uint8Array();
      const next = waiting.shift();
      if (next) next(decoder);
      else idle.push(decoder);
    }
  };
}

async function decode(
  library: TurboJpegLibrary,
  decoder: Decoder,
  { pieces, tile }: { pieces: readonly Uint8Array[]; tile: TileShape },
): Promise<Uint8Array> {
  const { width, rows, samples, part } = tile;
  const fileLength = gather(pieces, decoder);
  const length = width * rows * samples;
  const whole = part.width === width && part.height === rows;
  if (!whole && decoder.pixels.length < length) decoder.pixels = new Uint8Array(length);
  const into = whole ? new Uint8Array(length) : decoder.pixels;
  const format = FORMATS.get(samples) as number; // of 1, 3 or 4 bands, as `expectDecodable` has seen to
  const status = await new Promise<number>((resolve, reject) => {
    const done = (error: Error | null, status: number) => (error ? reject(error) : resolve(status));
    library.decompress(decoder.handle, decoder.file, fileLength, into, width, 0, rows, format, FLAGS, done);
  });
  if (status !== 0) throw new Error(`libjpeg-turbo stumbles over ${fileLength} bytes`);
  return whole ? into : cut(into, tile);
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

/** The part that is wanted, in memory of its own. */
function cut(pixels: Uint8Array, { width, samples, part }: TileShape): Uint8Array {
  const row = part.width * samples;
  const found = new Uint8Array(part.height * row);
  for (let y = 0; y < part.height; y += 1) {
    const from = ((part.y + y) * width + part.x) * samples;
    found.set(pixels.subarray(from, from + row), y * row);
  }
  return found;
}
