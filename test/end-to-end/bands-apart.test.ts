import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sceneReader } from '../../src/sources/scene-reader.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { parts } from '../setup/parts.ts';
import { violations } from '../setup/schemas.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

const { signal } = new AbortController();
const run = promisify(execFile);

describe.skipIf(!parts.gdal)('saccade run on scenes whose bands lie apart, needs gdal', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-apart-'));
    await makeHarbour({ directory: folder, scenes: 1, sizes: [2048], seed: 3 });
    const scene = join(folder, 'scene-00000.tif');
    // With the very overviews of the scene; GDAL leaves out those below 128 pixels.
    const like = ['-of', 'GTiff', '-co', 'TILED=YES', '-co', 'COPY_SRC_OVERVIEWS=YES', '-co', 'COMPRESS=DEFLATE'];
    for (const [i, name] of ['red', 'green', 'blue'].entries()) {
      await run('gdal_translate', ['-q', ...like, '-b', String(i + 1), scene, join(folder, `${name}.tif`)]);
    }
    await run('gdal_translate', [
      '-q',
      '-outsize',
      '50%',
      '50%',
      join(folder, 'blue.tif'),
      join(folder, 'blue-4m.tif'),
    ]);
    await run('gdal_translate', ['-q', '-a_srs', 'EPSG:32718', join(folder, 'blue.tif'), join(folder, 'blue-utm.tif')]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const href = (name: string) => pathToFileURL(join(folder, `${name}.tif`)).href;
  const item = (id: string, blue: string) => ({
    ...{ type: 'Feature', stac_version: '1.0.0', id, geometry: null, links: [] },
    properties: { datetime: '2026-04-12T10:31:07Z' },
    assets: {
      B02: { href: href(blue), type: 'image/tiff', roles: ['data'], 'eo:bands': [{ common_name: 'blue' }] },
      green: { href: href('green'), type: 'image/tiff', roles: ['data'] },
      red: { href: href('red'), type: 'image/tiff', roles: ['data'] },
    },
  });

  it('shows a model the very pixels that it would be shown of one file', async () => {
    const reader = sceneReader({ allowPrivate: false, roots: [folder], timeoutSeconds: 10, firstReadBytes: 32_768 });
    const names = ['red', 'green', 'blue'];
    const settings = {
      bands: names.map((name) => ({ name })),
      bandNames: names.map((name) => [name]),
      ...{ metresPerPixel: 2, overview: { scale: 16, resampling: 'average' as const }, patch: { size: 80 } },
      ...{ anyResolution: false, maxOverviewBytes: 64_000_000 },
    };
    const seen = async (hrefs: string | [string, ...string[]]) => {
      const cog = await reader.open(hrefs, signal);
      const { levels, overview, read } = await reader.view(cog, settings, signal);
      return { levels, rasters: [overview, ...(await read([{ x: 333, y: 444, width: 80, height: 80 }], signal))] };
    };
    const [apart, together] = [await seen([href('red'), href('green'), href('blue')]), await seen(href('scene-00000'))];
    expect(apart.levels).toEqual(together.levels);
    for (const [i, { data, ...shape }] of apart.rasters.entries()) {
      const { data: wanted, ...wantedShape } = together.rasters[i] ?? {};
      expect(shape).toEqual(wantedShape);
      // GDAL, which took the bands apart, may round differently when it decodes JPEG.
      expect(Math.max(...Array.from(data, (sample, n) => Math.abs(sample - (wanted?.[n] ?? Number.NaN))))).toBeLessThan(
        3,
      );
    }
  });

  it('answers as if they lay together, at other resolutions too, and says where they do not fit', async () => {
    const messages = [
      { id: 'together', href: href('scene-00000') },
      item('apart', 'blue'),
      item('coarser', 'blue-4m'),
      item('elsewhere', 'blue-utm'),
    ];
    const environment = { SACCADE_BACKEND: 'wasm', SACCADE_THREADS: '1', SACCADE_SOURCES_ROOTS: folder };
    const saccade = spawnSaccade(['run'], environment, messages.map((message) => JSON.stringify(message)).join('\n'));
    expect(await saccade.ended()).toBe(0);
    const events = new Map(
      saccade
        .stdout()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map((event) => [event.subject, event]),
    );
    expect([...events.keys()].sort()).toEqual(['apart', 'coarser', 'together']);
    for (const event of events.values()) expect(violations('classification-event', event)).toEqual([]);
    const answer = (id: string) => {
      const { geometry, properties } = events.get(id).data;
      return [geometry, properties.class, properties.evidence.length];
    };
    // Where a scene is looked at depends on its file, so evidence differs.
    expect(answer('apart')).toEqual(answer('together'));
    expect(events.get('apart').data.properties.source.hrefs).toEqual([href('red'), href('green'), href('blue')]);
    expect(answer('coarser')).toEqual(answer('together'));
    expect(saccade.stderr()).toMatch(/"saccade_code":"scene\.unsuitable","saccade_reason":"[^"]*CRS 32718, where/);
  });
});
