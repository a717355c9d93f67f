import sharp from 'sharp';

/**
 * A JPEG tile in two parts, as TIFF's compression 7 wants it: the tables, which all tiles of a file share, and an
 * abbreviated stream without them (TIFF Technical Note 2). YCbCr 4:2:0 with the standard Huffman tables.
 */
export type JpegTile = { readonly tables: Buffer; readonly stream: Buffer };

/** @param pixels RGB, interleaved by pixel, `size`² of them */
export async function jpegTile(pixels: Uint8Array, size: number, quality: number): Promise<JpegTile> {
  const jpeg = await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:2:0', optimiseCoding: false })
    .toBuffer();
  return split(jpeg);
}

const START = Buffer.from([0xff, 0xd8]);
const END = Buffer.from([0xff, 0xd9]);
const TABLES: readonly number[] = [0xdb, 0xc4]; // DQT, DHT
const START_OF_SCAN = 0xda;

/** Application segments (JFIF) are left out: the TIFF tags say all that they would. */
function split(jpeg: Buffer): JpegTile {
  const tables: Buffer[] = [];
  const rest: Buffer[] = [];
  for (let at = START.length; ; ) {
    const marker = jpeg.readUInt8(at + 1);
    if (marker === START_OF_SCAN) {
      rest.push(jpeg.subarray(at));
      break;
    }
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    const isApplication = marker >= 0xe0 && marker <= 0xef;
    if (TABLES.includes(marker)) tables.push(jpeg.subarray(at, end));
    else if (!isApplication) rest.push(jpeg.subarray(at, end));
    at = end;
  }
  return { tables: Buffer.concat([START, ...tables, END]), stream: Buffer.concat([START, ...rest]) };
}
