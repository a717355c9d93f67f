import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Inspection } from '../../src/commands/inspect-scene.ts';
import { type RangeServer, serveRanges } from '../../src/commands/range-server.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { Position } from '../../src/scene.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { gdalInfo } from '../setup/gdal.ts';
import { until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { serveWithFaults } from '../setup/range-server.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';
import { sharedData } from '../shared-data.ts';

describe('saccade inspect', () => {
  let folder: string;
  let scene: string;
  let server: RangeServer;
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-inspect-'));
    await makeHarbour({ directory: folder, scenes: 1, sizes: [2048], seed: 5 });
    scene = join(folder, 'scene-00000.tif');
    const small = join(folder, 'small');
    await makeHarbour({ directory: small, scenes: 1, sizes: [256], seed: 5 });
    await cp(join(small, 'scene-00000.tif'), join(folder, 'small.tif'));
    server = await serveRanges(folder);
    environment = { SACCADE_MODEL: await untrainedHarbour(), SACCADE_BACKEND: 'wasm', SACCADE_THREADS: '1' };
  });
  afterAll(async () => {
    await server?.close();
    for (const path of [folder, environment?.['SACCADE_MODEL'] ?? folder])
      await rm(path, { recursive: true, force: true });
  });

  const saccade = (...args: string[]) => spawnSaccade(args, environment);

  async function modelThatDraws(name: string, draw: Manifest['draw']): Promise<string> {
    const model = join(folder, name);
    await cp(environment['SACCADE_MODEL'] ?? '', model, { recursive: true });
    const manifest = JSON.parse(await readFile(join(model, 'model.json'), 'utf8'));
    await writeFile(join(model, 'model.json'), JSON.stringify({ ...manifest, draw }));
    return model;
  }

  async function inspected(...args: string[]): Promise<Inspection[]> {
    const inspect = saccade('inspect', '--json', ...args);
    expect([await inspect.ended(), inspect.stderr()]).toEqual([0, '']);
    return inspect
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  it('tells one JSON document a scene, by path, file: and http: alike', async () => {
    const url = `${server.url}/scene-00000.tif`;
    const before = server.requests.length;
    const [byPath, byFile, byHttp] = await inspected(scene, pathToFileURL(scene).href, url);
    expect(byFile).toEqual(byPath);
    expect(byHttp).toEqual({
      ...{ ...byPath, href: url, etag: byHttp?.etag, lastModified: byHttp?.lastModified },
      classification: { ...byPath?.classification, openWithHeader: { bytes: 1, requests: 1, trips: 1 } },
    });
    expect(byHttp).toMatchObject({
      format: 'TIFF',
      compression: 'JPEG',
      bandNames: [['red'], ['green'], ['blue']],
      samples: 'u8',
      storage: 'tiles',
    });
    expect(byHttp?.levels.map(({ width, tiles, metresPerPixel }) => [width, tiles, metresPerPixel])).toEqual([
      [2048, 64, 2],
      [1024, 16, 4],
      [512, 4, 8],
      [256, 1, 16],
      [128, 1, 32],
    ]);
    const answered = server.requests.slice(before);
    expect(byHttp?.classification).toMatchObject({
      model: 'untrained-harbour 0.0.1',
      patches: { level: 0, size: 48 },
      overview: { level: 4, factor: 1, width: 128, height: 128 },
      open: { bytes: answered.reduce((sum, { bytes }) => sum + bytes, 0), requests: answered.length },
    });
  });

  it('promises no less than a classification costs', async () => {
    const [found] = await inspected(scene);
    const classify = saccade('classify', '--json', scene);
    expect(await classify.ended()).toBe(0);
    const { read } = JSON.parse(classify.stdout()).data.properties;
    const prospect = found?.classification;
    if (prospect === undefined || 'unsuitable' in prospect) throw new Error('the model looks at harbour scenes');
    const { open, fetch } = prospect;
    expect(read.bytes).toBeGreaterThan(open.bytes);
    expect(read.bytes).toBeLessThanOrEqual(open.bytes + fetch.bytes.most);
    expect(read.requests).toBeLessThanOrEqual(open.requests + fetch.requests.most);
    expect(read.trips).toBe(open.trips + fetch.trips);
  });

  it.each([
    ['whole with its header', 'small.tif', 65_536],
    ['with its overview, in one read', 'scene-00000.tif', 65_536],
    ['header first', 'scene-00000.tif', 2048],
  ])('tells what a second classification costs of a file that came %s', async (_, file, firstReadBytes) => {
    const reads = { SACCADE_SOURCES_FIRST_READ_BYTES: String(firstReadBytes), SACCADE_LANES: '1' };
    const url = `${server.url}/${file}`;
    const [inspect, classify] = [
      spawnSaccade(['inspect', '--json', url], { ...environment, ...reads }),
      spawnSaccade(['classify', '--json', url, url], { ...environment, ...reads }),
    ];
    expect([await inspect.ended(), await classify.ended()]).toEqual([0, 0]);
    const [, second = ''] = classify.stdout().split('\n');
    const { read } = JSON.parse(second).data.properties;
    const { open, openWithHeader, fetch } = JSON.parse(inspect.stdout()).classification;
    expect([openWithHeader.trips, read.trips]).toEqual([1, 1 + fetch.trips]);
    expect(read.bytes).toBeGreaterThanOrEqual(openWithHeader.bytes);
    expect(read.bytes).toBeLessThanOrEqual(openWithHeader.bytes + fetch.bytes.most);
    expect(read.requests).toBeLessThanOrEqual(openWithHeader.requests + fetch.requests.most);
    // Nothing is left to read of what came whole; of what came with its overview, a byte and the patches.
    if (file === 'small.tif') expect(read).toMatchObject({ ...openWithHeader, bytes: open.bytes, trips: 1 });
    else expect(openWithHeader.bytes === 1).toBe(firstReadBytes > 2048);
  });

  it('tells people the same in a table', async () => {
    const inspect = saccade('inspect', `${server.url}/scene-00000.tif`);
    expect(await inspect.ended()).toBe(0);
    for (const line of [
      /^scene-00000\.tif$/,
      /^ {2}CRS +EPSG:32\d{3}/,
      /^ {2}footprint +longitude -?[\d.]+ to -?[\d.]+, latitude/,
      /^ +0 +2048 × 2048 +64 +256 × 256 +[\d.]+ [kM]B +2$/,
      /^ {2}open +[\d.]+ kB in \d requests?, \d trips? \(measured: header and overview\)$/,
      /^ {2}in all +about [\d.]+ kB, [\d.]+ % of the file, in \d trips, at most \d+ requests$/,
      /^ +about [\d.]+ kB, .* in \d trips?, at most \d+ requests \(where the header is known\)$/,
      /^ {2}COG +(not )?valid/,
    ])
      expect(inspect.stdout().split('\n')).toContainEqual(expect.stringMatching(line));
  });

  it('promises nothing of a known header where none is kept: a local file is read again', async () => {
    const [found] = await inspected(scene);
    expect(found?.classification).toMatchObject({ openWithHeader: null });
    const inspect = saccade('inspect', scene);
    expect(await inspect.ended()).toBe(0);
    expect(inspect.stdout()).not.toContain('where the header is known');
  });

  it('counts the places that a classification looks at where a scene has fewer than the model asks for', async () => {
    const many = { ...environment, SACCADE_MODEL: await modelThatDraws('many', { estimator: 'peaks', patches: 1000 }) };
    const [inspect, classify] = [spawnSaccade(['inspect', scene], many), spawnSaccade(['classify', scene], many)];
    expect([await inspect.ended(), await classify.ended()]).toEqual([0, 0]);
    const [, places] = /looked at (\d+) places/.exec(classify.stdout()) ?? [];
    expect(Number(places)).toBeLessThan(1000);
    expect(inspect.stdout()).toContain(`level 0: ${places} of 48 × 48 pixels`);
  });

  it('counts the places of a model that looks at all there are, whatever number its manifest says', async () => {
    const model = await modelThatDraws('all', { estimator: 'all', patches: 4 });
    const inspect = spawnSaccade(['inspect', scene], { ...environment, SACCADE_MODEL: model });
    expect(await inspect.ended()).toBe(0);
    expect(inspect.stdout()).toContain('4096 of 48 × 48 pixels'); // a cell for each 2 × 2 pixels of the overview
    const check = spawnSaccade(['model', 'check', model], environment);
    expect(await check.ended()).toBe(0);
    expect(check.stdout()).toMatch(/^draws +all places$/m);
  });

  it('names each scene that fails with its code, tells of the others, and ends with 1', async () => {
    const text = join(folder, 'text.tif');
    await writeFile(text, 'no TIFF');
    const inspect = saccade('inspect', '--json', text, 'nowhere.tif', scene, 's3://Bucket/a.tif');
    expect(await inspect.ended()).toBe(1);
    expect(inspect.stdout().trimEnd().split('\n')).toHaveLength(1);
    const codes = inspect.stderr().trimEnd().split('\n');
    expect(codes).toEqual([
      expect.stringContaining(`${text}: cog.invalid: `),
      expect.stringContaining('nowhere.tif: source.missing: '),
      expect.stringContaining('s3://Bucket/a.tif: source.refused: '),
      'saccade: 3 of 4 scenes could not be inspected',
    ]);
  });

  it('tells no secret of the address of a scene that fails', async () => {
    const url = `${server.url}/nowhere.tif`;
    for (const command of ['inspect', 'classify']) {
      const failed = saccade(command, `${url}?sig=secret`);
      expect(await failed.ended()).toBe(1);
      expect(failed.stderr()).toContain(`saccade: ${url}: source.missing: `);
      expect(failed.stderr()).not.toContain('secret');
    }
  });

  it('waits for a server no longer than the stage `open` may take', async () => {
    const silent = await serveWithFaults(folder, { respond: () => ({ ending: 'stall' }) });
    const inspect = spawnSaccade(['inspect', `${silent.url}/scene-00000.tif`], {
      ...environment,
      SACCADE_DEADLINE_SECONDS_OPEN: '0.3',
    });
    expect(await inspect.ended()).toBe(1);
    expect(inspect.stderr()).toContain('source.unreachable: open took longer than 0.3 s');
    await silent.close();
  });

  it('stops at once when it is interrupted', async () => {
    const silent = await serveWithFaults(folder, { respond: () => ({ ending: 'stall' }) });
    const inspect = saccade('inspect', `${silent.url}/scene-00000.tif`, scene);
    await until('the scene to be asked for', async () => silent.requests.length > 0);
    expect([await inspect.interrupt(), inspect.stdout(), inspect.stderr()]).toEqual([
      1,
      '',
      'saccade: stopped by SIGINT\n',
    ]);
    await silent.close();
  });

  describe.skipIf(!parts.sharedData)('on real files, needs shared data', () => {
    const samples = ['naip-8192-rgb-jpeg.tif', 'ol_dop-rgb.tif', 'titiler_TCI.tif', 'deepforest_australia.tif'];
    const casablanca = '2023-04-26-00_00_2023-04-26-23_59_Sentinel-2_L2A_B02_(Raw).tiff';
    const files = () => [
      ...samples.map((name) => sharedData(`samples/${name}`)),
      ...['ol_sentinel-b04.tif', 'opengeos_naip_20170827.tif', 'rasterframes_LC08_B7_Memphis_COG.tiff'].map((name) =>
        sharedData(`samples/${name}`),
      ),
      sharedData(`sen2ships/casablanca/${casablanca}`),
    ];

    it('says why the model would refuse a scene', async () => {
      const [naip, titiler, grey] = await inspected(
        ...['naip-8192-rgb-jpeg.tif', 'titiler_TCI.tif', 'ol_sentinel-b04.tif'].map((name) =>
          sharedData(`samples/${name}`),
        ),
      );
      expect(naip?.classification).toMatchObject({ patches: { level: 2 }, overview: { level: 4, factor: 4 } });
      expect(titiler?.classification).toMatchObject({ unsuitable: expect.stringContaining('2 metres per pixel') });
      expect(grey?.classification).toMatchObject({
        unsuitable: expect.stringContaining('the model needs the bands red, green, blue'),
      });
      const [anyway] = await inspected('--any-resolution', sharedData('samples/titiler_TCI.tif'));
      expect(anyway?.classification).toMatchObject({ patches: { level: 0 }, overview: { level: 4, factor: 1 } });
    });

    describe.skipIf(!parts.gdal)('and beside GDAL, needs gdal', () => {
      it('tells sizes, overviews and footprints as GDAL does, to 1e-6 degrees', async () => {
        for (const found of await inspected(...files())) {
          const info = await gdalInfo(fileURLToPath(found.href));
          const overviews = info.bands[0]?.overviews?.map(({ size }) => size) ?? [];
          const levels = found.levels.map(({ width, height }) => [width, height]);
          expect(levels).toEqual([info.size, ...overviews]);
          expect(found.bands).toBe(info.bands.length);
          expect(Number(found.nodata ?? Number.NaN)).toBe(info.bands[0]?.noDataValue ?? Number.NaN);
          const ours = found.footprint?.type === 'Polygon' ? (found.footprint.coordinates[0] ?? []) : [];
          const theirs = info.wgs84Extent?.coordinates[0] ?? [];
          expect([ours.length, theirs.length]).toEqual([5, 5]);
          const off = ([x, y]: Position) =>
            Math.min(...ours.map(([u, v]) => Math.max(Math.abs(x - u), Math.abs(y - v))));
          expect(Math.max(...theirs.map(off))).toBeLessThan(1e-6);
        }
      });
    });
  });
});
