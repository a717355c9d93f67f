import { SceneError } from '../../src/errors.ts';
import type { Position, Raster, ReadCost, Window } from '../../src/scene.ts';
import type { Cog, Level } from '../../src/sources/cog.ts';
import type { SceneReader } from '../../src/sources/scene-reader.ts';
import { viewScene } from '../../src/sources/scene-view.ts';

export function level(width: number, height: number, metresPerPixel?: number): Level {
  return { width, height, tileWidth: 256, tileHeight: 256, metresPerPixel };
}

/** A file whose every sample is its band's number; it counts a tile per window read. */
export class FakeCog implements Cog {
  readonly href = 'fake:';
  readonly etag: string | null = '"1"';
  readonly lastModified: string | null = null;
  readonly bytes = 1000;
  readonly facts = {
    format: 'TIFF',
    byteOrder: 'little-endian',
    storage: 'tiles',
    compression: 'none',
    samples: 'u8',
    interleave: 'pixel',
    nodata: null,
    masks: 0,
    crs: null,
    structure: null,
  } as const;
  readonly cost: ReadCost = { bytes: 10, requests: 1, trips: 1, tiles: 0 };
  readonly reads: { level: number; windows: readonly Window[] }[] = [];
  readonly levels: readonly Level[];
  readonly bands: number;
  readonly bandNames: readonly (readonly string[])[];
  readonly alpha = undefined;

  constructor(levels: readonly Level[] = [level(1024, 1024, 1), level(64, 64, 16)], bands = 3) {
    this.levels = levels;
    this.bands = bands;
    this.bandNames = Array.from({ length: bands }, () => []);
  }

  async read(at: number, windows: readonly Window[]): Promise<Raster[]> {
    this.reads.push({ level: at, windows });
    this.cost.tiles += windows.length;
    return windows.map(({ width, height }) => {
      const data = Uint8Array.from({ length: width * height * this.bands }, (_, i) => i % this.bands);
      return { data, width, height, bands: this.bands };
    });
  }

  tileBytes(at: number): Float64Array {
    const { width = 0, height = 0 } = this.levels[at] ?? {};
    return new Float64Array(Math.ceil(width / 256) * Math.ceil(height / 256)).fill(10);
  }

  maskTiles(_level: number): undefined {}

  faults() {
    return { errors: [], warnings: [] };
  }

  footprint(_level: number, { x, y, width, height }: Window) {
    const corner = (east: number, south: number): Position => [east / 1000, -south / 1000];
    const ring = [
      corner(x, y),
      corner(x, y + height),
      corner(x + width, y + height),
      corner(x + width, y),
      corner(x, y),
    ];
    return { type: 'Polygon', coordinates: [ring] } as const;
  }

  locate(_level: number, x: number, y: number): Position {
    return [x / 1000, -y / 1000];
  }
}

/** Opens what it was given; an error in the list is thrown instead, each entry once, the last one for ever. */
export class FakeReader implements SceneReader {
  readonly view = viewScene;
  readonly figures = { headerHits: 0, headerMisses: 0, retries: 0 };
  opened: string[] = [];
  readonly #files: ReadonlyMap<string, readonly (Cog | Error)[]>;

  constructor(files: Readonly<Record<string, Cog | Error | readonly (Cog | Error)[]>>) {
    this.#files = new Map(Object.entries(files).map(([href, found]) => [href, [found].flat()]));
  }

  async open(href: string, _signal: AbortSignal): Promise<Cog> {
    const tries = this.opened.filter((other) => other === href).length;
    this.opened.push(href);
    const found = this.#files.get(href) ?? [new SceneError('source.missing', `nothing at ${href}`)];
    const answer = found[Math.min(tries, found.length - 1)];
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  }

  async close(): Promise<void> {}
}
