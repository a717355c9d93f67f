import { fromFile, type GeoTIFFImage } from 'geotiff';
import { overviewSide, windowSide, windows } from './scene.ts';

/** What no reader can do without: the header, the overview's tiles, and each tile under the windows once. */
export type Needed = {
  readonly header: number;
  readonly overview: number;
  readonly windows: number;
  readonly tiles: number;
  readonly total: number;
};

/** By geotiff.js, so that our own reader does not say what it should have read. */
export async function neededBytes(path: string): Promise<Needed> {
  const tiff = await fromFile(path);
  const images: GeoTIFFImage[] = [];
  for (let i = 0; i < (await tiff.getImageCount()); i += 1) images.push(await tiff.getImage(i));
  const index = await Promise.all(
    images.map(async (image) => ({
      image,
      offsets: Array.from((await image.fileDirectory.loadValue('TileOffsets')) ?? []),
      sizes: Array.from((await image.fileDirectory.loadValue('TileByteCounts')) ?? []),
    })),
  );
  const finest = index[0];
  const overview = index.find(({ image }) => image.getWidth() === overviewSide);
  if (!finest || !overview) throw new Error(`no overview of ${overviewSide} pixels in ${path}`);
  const side = finest.image.getTileWidth();
  const across = Math.ceil(finest.image.getWidth() / side);
  const tiles = new Set(
    windows.flatMap(([x, y]) => {
      const [left, right, top, bottom] = [x, x + windowSide - 1, y, y + windowSide - 1].map((v) =>
        Math.floor(v / side),
      );
      return [top, bottom].flatMap((row) => [left, right].map((column) => Number(row) * across + Number(column)));
    }),
  );
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  const parts = {
    header: Math.min(...index.flatMap(({ offsets }) => offsets)),
    overview: sum(overview.sizes),
    windows: sum([...tiles].map((tile) => finest.sizes[tile] ?? 0)),
  };
  return { ...parts, tiles: tiles.size, total: parts.header + parts.overview + parts.windows };
}
