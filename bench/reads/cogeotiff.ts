import { type Source, Tiff, type TiffImage } from '@cogeotiff/core';
import sharp from 'sharp';
import type { Read } from './client.ts';
import { overviewSide, windowSide, windows } from './scene.ts';

const TILE = 512;

/** `@cogeotiff/core` on plain fetch; it decodes nothing, so its tiles are decoded by sharp, each once. */
export function cogeotiff(): Read {
  return async (url) => {
    const tiff = await Tiff.create(httpSource(url));
    const image = tiff.images.find(({ size }) => size.width === overviewSide) as TiffImage; // the scene has it
    const overview = await cut(image, new Map(), [0, 0], overviewSide);
    const tiles = new Map<string, Promise<Buffer>>();
    const finest = tiff.images[0] as TiffImage; // every TIFF has one
    return [overview, ...(await Promise.all(windows.map((corner) => cut(finest, tiles, corner, windowSide))))];
  };
}

function httpSource(url: string): Source {
  return {
    url: new URL(url),
    async fetch(offset, length = 0) {
      const response = await fetch(url, { headers: { range: `bytes=${offset}-${offset + length - 1}` } });
      if (response.status !== 206) throw new Error(`status ${response.status}`);
      return response.arrayBuffer();
    },
  };
}

type Tiles = Map<string, Promise<Buffer>>;

async function cut(image: TiffImage, tiles: Tiles, [x, y]: readonly [number, number], side: number): Promise<Buffer> {
  const target = Buffer.alloc(side * side * 3);
  const under = (from: number) => {
    const first = Math.floor(from / TILE);
    return Array.from({ length: Math.floor((from + side - 1) / TILE) - first + 1 }, (_, i) => first + i);
  };
  const places = under(y).flatMap((row) => under(x).map((column) => [column, row] as const));
  await Promise.all(
    places.map(async ([column, row]) => {
      const key = `${column} ${row}`;
      const decoding = tiles.get(key) ?? decode(image, column, row);
      tiles.set(key, decoding);
      const tile = await decoding;
      const [left, right] = [Math.max(x, column * TILE), Math.min(x + side, (column + 1) * TILE)];
      for (let line = Math.max(y, row * TILE); line < Math.min(y + side, (row + 1) * TILE); line += 1) {
        const from = ((line - row * TILE) * TILE + left - column * TILE) * 3;
        tile.copy(target, ((line - y) * side + left - x) * 3, from, from + (right - left) * 3);
      }
    }),
  );
  return target;
}

async function decode(image: TiffImage, column: number, row: number): Promise<Buffer> {
  const tile = await image.getTile(column, row);
  if (tile === null) throw new Error(`no tile at ${column}, ${row}`);
  return sharp(Buffer.from(tile.bytes)).raw().toBuffer();
}
