import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledModel } from '../../src/config.ts';
import { draw } from '../../src/model/estimators/draw.ts';
import { loadModel } from '../../src/model/load-model.ts';
import type { Place } from '../../src/scene.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { viewScene } from '../../src/sources/scene-view.ts';
import { parts } from '../setup/parts.ts';
import { violations } from '../setup/schemas.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';
import { sharedData } from '../shared-data.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

const rgb = '-b 1 -b 2 -b 3';
const cog = '-of COG -co OVERVIEW_RESAMPLING=NEAREST -co OVERVIEW_COUNT=4';

/** Made by GDAL from one scene with a black border, which is masked in its fourth band: what gdal_translate is told. */
const variants: Readonly<Record<string, string>> = {
  nodata: `${cog} ${rgb} -a_nodata 0`,
  mask: `${cog} ${rgb} -mask 4 -a_nodata none -co COMPRESS=JPEG`,
  alpha: `${cog} ${rgb} -b 4 -colorinterp red,green,blue,alpha -a_nodata none`,
  nothing: `${cog} ${rgb} -scale 0 255 0 0 -a_nodata 0`,
  uint16: `${cog} ${rgb} -ot UInt16 -a_nodata 0`,
  int16: `${cog} ${rgb} -ot Int16 -a_nodata 0`,
  float32: `${cog} ${rgb} -ot Float32 -a_nodata 0`,
  reversed: `${cog} -b 1 -b 3 -b 2 -b 1 -colorinterp undefined,blue,green,red -a_nodata 0`,
  unnamed: `${cog} -b 3 -b 2 -b 1 -colorinterp undefined,undefined,undefined -a_nodata 0`,
  'without-crs': `-of GTiff -co PROFILE=BASELINE ${rgb}`,
};
const [WIDTH, HEIGHT] = [1098, 640];

/** The bundled model sees the same in all of these, since its scale and offset are those of values up to 255. */
describe.skipIf(!parts.gdal || !parts.sharedData)(
  'saccade run on scenes as they come, needs gdal and needs shared data',
  () => {
    const drone = sharedData('samples/deepforest_australia.tif');
    let folder: string;
    let events: Map<string, Event>;
    let letters: Map<string, Record<string, string>>;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'saccade-as-they-come-'));
      const source = join(folder, 'source.tif');
      await translate(`-srcwin 0 0 ${WIDTH} ${HEIGHT} ${rgb} -b mask,1`, sharedData('samples/titiler_TCI.tif'), source);
      for (const [name, options] of Object.entries(variants)) await translate(options, source, pathOf(name));
      const messages = [
        ...Object.keys(variants).map((id) => ({ id, href: hrefOf(pathOf(id)) })),
        { id: 'drone', href: hrefOf(drone) },
        item('item-without-crs', hrefOf(pathOf('without-crs')), ['red', 'green', 'blue']),
        item('item-of-radar', hrefOf(pathOf('unnamed')), ['vv', 'vh', 'incidence']),
      ];
      const environment = { SACCADE_BACKEND: 'wasm', SACCADE_THREADS: '1', SACCADE_SOURCES_ROOTS: '/' };
      const lines = messages.map((message) => JSON.stringify(message)).join('\n');
      const saccade = spawnSaccade(['run'], { ...environment, SACCADE_SCENES_ANY_RESOLUTION: 'true' }, lines);
      expect(await saccade.ended()).toBe(0);
      events = new Map(json(saccade.stdout()).map((event) => [event.subject, event]));
      const dead = json(saccade.stderr()).filter((line) => 'saccade_code' in line);
      letters = new Map(dead.map((letter) => [JSON.parse(letter.value).id, letter]));
      expect(events.size + letters.size).toBe(messages.length);
    });
    afterAll(() => rm(folder, { recursive: true }));

    const pathOf = (name: string) => join(folder, `${name}.tif`);
    const eventOf = (id: string): Event => {
      const event = events.get(id);
      if (event === undefined) throw new Error(`no event of ${id}, but ${JSON.stringify(letters.get(id))}`);
      expect(violations('classification-event', event)).toEqual([]);
      return event;
    };

    it.each(['nodata', 'mask', 'alpha'])('looks only where there are data, which %s tells', async (name) => {
      const { evidence } = eventOf(name).data.properties;
      const file = await openFile(pathOf(name), signal);
      const [scene] = await file.read(0, [{ x: 0, y: 0, width: WIDTH, height: HEIGHT }], signal);
      expect(scene?.valid?.filter((one) => one === 0).length).toBeGreaterThan(100_000);
      const looked = await file.read(0, evidence, signal);
      for (const [i, { valid }] of looked.entries())
        expect({ at: evidence[i], data: valid?.includes(1) ?? true }).toMatchObject({ data: true });
      expect(evidence.every(({ attention }) => attention > 0)).toBe(true);
    });

    it('refuses a scene without any data', () => {
      expect(letters.get('nothing')).toMatchObject({
        saccade_code: 'scene.unsuitable',
        saccade_reason: expect.stringMatching(/^none of \d+ places in the scene has data$/),
      });
    });

    it('refuses a scene whose STAC Item says that its bands are others', () => {
      expect(letters.get('item-of-radar')).toMatchObject({
        saccade_code: 'scene.unsuitable',
        saccade_reason:
          'the model needs the bands red, green, blue; the scene has band of vv or vv, band of vh or vh, band of incidence or incidence',
      });
    });

    it('sees the same in all sample types, and in all orders of bands with names', async () => {
      const model = await loadModel(bundledModel, { backend: 'wasm', threads: 1 });
      const see = async (name: string, bandNames?: string[][]) => {
        const settings = { ...model.manifest, anyResolution: true, maxOverviewBytes: 1e7, bandNames };
        const { overview, read } = await viewScene(await openFile(pathOf(name), signal), settings, signal);
        const attention = await model.attend(overview);
        const drawn = draw(attention, { estimator: 'systematic', patches: 10, seed: 1, key: ['the same for all'] });
        const windows = model.windows(drawn, { width: WIDTH, height: HEIGHT }, overview);
        return { attention, ...(await model.look(await read(windows, signal), drawn)) };
      };
      const bytes = await see('nodata');
      for (const name of ['uint16', 'int16', 'float32', 'reversed'])
        expect({ name, ...(await see(name)) }).toEqual({ name, ...bytes });
      expect(
        await see('unnamed', [
          ['B02', 'blue'],
          ['B03', 'green'],
          ['B04', 'red'],
        ]),
      ).toEqual(bytes);
      expect(await see('unnamed')).not.toEqual(bytes);
      await model.close();
    });

    it('has no geometry without a CRS, or that of the STAC Item', () => {
      expect(eventOf('without-crs').data.geometry).toBeNull();
      expect(eventOf('item-without-crs').data.geometry).toEqual(footprint);
      expect(eventOf('item-without-crs').data.properties).toMatchObject({ place: null });
    });

    it('reads a small scene without overviews whole, once, and says what that cost', async () => {
      const { read } = eventOf('drone').data.properties;
      const { size } = await stat(drone);
      expect(read).toMatchObject({ share: 1, trips: 2, requests: 2, tiles: 236 });
      expect(read.bytes).toBeGreaterThan(0.99 * size);
      expect(read.bytes).toBeLessThan(1.05 * size);
    });
  },
);

async function translate(options: string, source: string, target: string): Promise<void> {
  const internal = ['--config', 'GDAL_TIFF_INTERNAL_MASK', 'YES'];
  await run('gdal_translate', ['-q', ...internal, ...options.split(' '), source, target]);
}

type Event = {
  readonly subject: string;
  readonly data: {
    readonly geometry: unknown;
    readonly properties: {
      readonly evidence: readonly Place[];
      readonly place: unknown;
      readonly read: { readonly bytes: number };
    };
  };
};

const footprint = {
  type: 'Polygon',
  coordinates: [
    [
      [8, 54],
      [8.1, 54],
      [8.1, 54.1],
      [8, 54],
    ],
  ],
};

function item(id: string, href: string, names: readonly string[]) {
  const bands = names.map((name) => ({ name: `band of ${name}`, 'eo:common_name': name }));
  const assets = { image: { href, bands } };
  return { type: 'Feature', stac_version: '1.1.0', id, geometry: footprint, properties: { datetime: null }, assets };
}

function hrefOf(path: string): string {
  return pathToFileURL(path).href;
}

function json(text: string) {
  const lines = text.trimEnd().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}
