import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Raster, Window } from '../../../src/scene.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { gdalPixels } from '../../setup/gdal.ts';
import { parts } from '../../setup/parts.ts';
import { sharedData } from '../../shared-data.ts';

const { signal } = new AbortController();

/** All that is there: scenes of several makers, and Sentinel-2 band by band. */
const scenes = ['samples', 'sen2ships'].flatMap((folder) =>
  (parts.sharedData ? readdirSync(sharedData(folder), { recursive: true, encoding: 'utf8' }) : [])
    .filter((name) => /\.tiff?$/.test(name))
    .map((name) => `${folder}/${name}`),
);

/** Samples that differ, and by how much at most. */
async function difference(path: string, level: number, window: Window, raster: Raster | undefined): Promise<string> {
  if (!raster) return 'no raster';
  const overview = level > 0 ? { level: level - 1 } : {};
  const bytes = new Uint8Array(await gdalPixels(path, { window, ...overview }));
  const ours = new Uint8Array(raster.data.buffer, raster.data.byteOffset, raster.data.byteLength);
  if (ours.length !== bytes.length) return `${ours.length} bytes where GDAL has ${bytes.length}`;
  return Buffer.compare(ours, bytes) === 0 ? 'none' : `at byte ${ours.findIndex((byte, i) => byte !== bytes[i])}`;
}

describe.skipIf(!parts.gdal || !parts.sharedData)('openFile on real scenes, needs gdal and needs shared data', () => {
  it('finds scenes', () => {
    expect(scenes.length).toBeGreaterThanOrEqual(20);
  });

  it.each(scenes)('reads %s as GDAL does, at every level', async (name) => {
    const path = sharedData(name);
    const cog = await openFile(path, signal);
    for (const [level, { width, height }] of cog.levels.entries()) {
      // Several tiles each: the last corner, where tiles are cut off, the first one, and the middle.
      const [w, h] = [Math.min(700, width), Math.min(700, height)];
      const windows = [1, 0, 0.5].map((share) => {
        const [x, y] = [Math.round((width - w) * share), Math.round((height - h) * share)];
        return { x, y, width: w, height: h };
      });
      for (const [n, raster] of (await cog.read(level, windows, signal)).entries())
        expect(await difference(path, level, windows[n] as Window, raster)).toBe('none');
    }
  });
});
