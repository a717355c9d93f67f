import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RangeServer, serveRanges } from '../../src/commands/range-server.ts';
import { openCog } from '../../src/sources/library.ts';
import { buildTiff, plainFields, plainTiles } from '../fakes/tiff-builder.ts';

describe('openCog, the library', () => {
  let folder: string;
  let server: RangeServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-library-'));
    await writeFile(join(folder, 'scene.tif'), buildTiff([{ fields: plainFields, tiles: plainTiles }]));
    server = await serveRanges(folder);
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('reads windows by path and by URL, and keeps the account that the server keeps', async () => {
    const before = server.requests.length;
    for (const href of [join(folder, 'scene.tif'), `${server.url}/scene.tif?sig=secret`]) {
      const cog = await openCog(href, { firstReadBytes: 256 });
      expect(cog.levels).toEqual([{ width: 32, height: 32, tileWidth: 16, tileHeight: 16, metresPerPixel: undefined }]);
      expect(cog.account).toEqual({ requests: 1, bytes: 256, trips: 1 });
      const raster = await cog.read({ level: 0, x: 15, y: 15, width: 2, height: 2 });
      expect(raster).toEqual({ data: Uint8Array.of(1, 2, 3, 4), width: 2, height: 2, bands: 1 });
      const rasters = await cog.readAll(0, [
        { x: 0, y: 0, width: 1, height: 1 },
        { x: 31, y: 31, width: 1, height: 1 },
      ]);
      expect(rasters.map(({ data }) => data[0])).toEqual([1, 4]);
      expect(cog).toMatchObject({ bands: 1, footprint: null, facts: { compression: 'none', samples: 'u8' } });
      if (href.startsWith('http')) {
        const asked = server.requests.slice(before);
        const bytes = asked.reduce((sum, request) => sum + request.bytes, 0);
        expect(cog.account).toMatchObject({ requests: asked.length, bytes });
      }
      await cog.close();
    }
  });

  it('goes where only we can go unless the address is not ours', async () => {
    for (const href of [join(folder, 'scene.tif'), `${server.url}/scene.tif`])
      await expect(openCog(href, { untrusted: true })).rejects.toMatchObject({ code: 'source.refused' });
  });

  it('refuses what is no window of a level, before anything is read', async () => {
    const cog = await openCog(`${server.url}/scene.tif`);
    const { requests } = cog.account;
    const window = { level: 0, x: 0, y: 0, width: 16, height: 16 };
    for (const wrong of [
      { level: 1 },
      { x: 17 },
      { y: -1 },
      { width: 0 },
      { height: 33 },
      { x: 0.5 },
      { x: Number.NaN },
    ])
      await expect(cog.read({ ...window, ...wrong })).rejects.toThrow(RangeError);
    expect(cog.account.requests).toBe(requests);
    await cog.close();
  });

  it('stops when it is told to', async () => {
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(openCog(`${server.url}/scene.tif`, { signal: stopped })).rejects.toThrow('enough');
    const cog = await openCog(join(folder, 'scene.tif'), { firstReadBytes: 256 });
    const window = { level: 0, x: 0, y: 0, width: 32, height: 32 };
    await expect(cog.read(window, { signal: stopped })).rejects.toThrow('enough');
    await cog.close();
  });
});
