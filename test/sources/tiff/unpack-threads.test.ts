import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Layout, SampleType } from '../../../src/sources/tiff/layout.ts';
import { tileBytes } from '../../../src/sources/tiff/layout.ts';
import type { TileShape } from '../../../src/sources/tiff/tile-shape.ts';
import { unpackAside } from '../../../src/sources/tiff/unpack-threads.ts';
import { unpackTile } from '../../../src/sources/tiff/unpack-tile.ts';

const SIDE = 1024;

function shape(compression: number, samples: SampleType, predictor: number): TileShape {
  const size = { width: SIDE, height: SIDE, tileWidth: SIDE, tileHeight: SIDE };
  const layout: Layout = {
    grid: { ...size, bands: 1, across: 1, down: 1, planes: 1, striped: false },
    samples,
    littleEndian: true,
    compression,
    predictor,
    photometric: 1,
    jpegTables: undefined,
    lercPacking: 0,
    fill: 0,
    nodata: undefined,
    index: { offsets: new Float64Array(), byteCounts: new Float64Array(), missing: () => [], add: () => {} },
    offsets: new Float64Array(1_000_000),
    byteCounts: new Float64Array(1_000_000),
  };
  const part = { x: 0, y: 0, width: SIDE, height: SIDE };
  return { layout, width: SIDE, rows: SIDE, samples: 1, bytes: tileBytes(layout, SIDE), part };
}

/** LZW of nothing but literal bytes, which a clear code before every 200 keeps at 9 bits each. */
function lzwLiterals(length: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(((length + length / 200 + 1) * 9) / 8) + 1);
  let bit = 0;
  const put = (code: number) => {
    const word = code << (7 - (bit & 7));
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (word >> 8);
    bytes[(bit >> 3) + 1] = word & 0xff;
    bit += 9;
  };
  for (let i = 0; i < length; i += 1) {
    if (i % 200 === 0) put(256);
    put(i % 251);
  }
  return bytes;
}

/** How often the event loop comes round until a promise is kept. */
async function turnsUntil(promise: Promise<unknown>): Promise<number> {
  let done = false;
  let turns = 0;
  const end = promise.finally(() => {
    done = true;
  });
  while (!done) {
    turns += 1;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await end;
  return turns;
}

describe('unpackAside', () => {
  const literals = lzwLiterals(SIDE * SIDE * 4);
  const floats = deflateSync(Buffer.from(Float32Array.from({ length: SIDE * SIDE }, (_, i) => i / 7).buffer));

  it.each([
    ['LZW', literals, shape(5, 'f32', 1)],
    ['LZW with differences', literals, shape(5, 'u32', 2)],
    ['Deflate with predictor 3', floats, shape(8, 'f32', 3)],
    ['half precision', literals, shape(5, 'f16', 1)],
  ])('gives the same pixels as in this thread, of the same kind: %s', async (_, bytes, tile) => {
    const before = bytes.slice();
    const [here, aside] = [await unpackTile(bytes, tile), await unpackAside(bytes, tile)];
    expect(aside.constructor).toBe(here.constructor);
    expect(Buffer.compare(bytesOf(aside), bytesOf(here))).toBe(0);
    expect(Buffer.compare(bytes, before)).toBe(0);
  });

  it('lets the event loop go round while a large tile is unpacked', async () => {
    const tile = shape(5, 'u32', 2);
    expect(await turnsUntil(unpackTile(literals, tile))).toBeLessThan(3);
    expect(await turnsUntil(unpackAside(literals, tile))).toBeGreaterThan(3);
  });

  it('says what is wrong with the bytes', async () => {
    await expect(unpackAside(literals.subarray(0, 1000), shape(5, 'f32', 1))).rejects.toThrow('LZW ends after');
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
