import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledModel } from '../../src/config.ts';
import { useBackend } from '../../src/model/backend.ts';
import { smallModelDirectory } from '../fakes/small-model.ts';
import { parts } from '../setup/parts.ts';
import { violations } from '../setup/schemas.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';
import { sharedData } from '../shared-data.ts';

const run = promisify(execFile);
const FRAMES = 12;

/** `event`, or the code of the dead letter, and why. */
type Outcome = { readonly outcome: string; readonly why: string };

/** Every file of shared data ends in an event, or in the dead letter that its traits call for. */
describe.skipIf(!parts.gdal || !parts.sharedData)('saccade run on real files, needs gdal and needs shared data', () => {
  let folder: string;
  let files: ReadonlyMap<string, string>;
  let greyModel: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-real-files-'));
    files = new Map([...(await roadScenes(folder)), ...(await samples()), ...(await ships())]);
    await useBackend('wasm');
    const bands = [{ name: 'grey', scale: 1 / 10_000, offset: 0 }];
    greyModel = await smallModelDirectory({ bands, metresPerPixel: 10 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Prints the table and returns it: each file exactly once. */
  async function outcomes(title: string, model: string, anyResolution: boolean): Promise<Map<string, Outcome>> {
    const [output, deadLetters] = [join(folder, `${title}.jsonl`), join(folder, `${title}-failed.jsonl`)];
    const lines = [...files].map(([id, path]) => JSON.stringify({ id, href: pathToFileURL(path).href }));
    const environment = {
      ...{ SACCADE_MODEL: model, SACCADE_BACKEND: 'wasm', SACCADE_THREADS: '1', SACCADE_SOURCES_ROOTS: '/' },
      SACCADE_SCENES_ANY_RESOLUTION: String(anyResolution),
    };
    const args = ['run', '--output', output, '--dead-letters', deadLetters];
    expect(await spawnSaccade(args, environment, lines.join('\n')).ended()).toBe(0);
    const [events, letters] = [await jsonLines(output), await jsonLines(deadLetters)];
    for (const event of events) expect(violations('classification-event', event)).toEqual([]);
    for (const letter of letters) expect(violations('dead-letter', letter, 'line')).toEqual([]);
    const found = [
      ...events.map((event) => [event.subject, { outcome: 'event', why: costOf(event) }] as const),
      ...letters.map((letter) => {
        const { id } = JSON.parse(letter.value);
        return [id, { outcome: letter.saccade_code, why: letter.saccade_reason }] as const;
      }),
    ].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(found.map(([id]) => id)).toEqual([...files.keys()].sort());
    console.log([title, ...found.map(([id, { outcome, why }]) => `${id}\t${outcome}\t${why}`)].join('\n'));
    return new Map(found);
  }

  const oneBand = 'the model needs the bands red, green, blue; the scene has one without a name';
  const coloured = 'the model needs the bands grey; the scene has red, green, blue';
  const elsewhere = (wanted: number, found: string) =>
    `the model was trained at ${wanted} metres per pixel; the scene's levels have ${found}`;
  const refusal = (why: string) => ({ outcome: 'scene.unsuitable', why });
  const event = { outcome: 'event' };

  it('by the bundled model at any resolution: an event for all that have them', async () => {
    const table = await outcomes('bundled model, any resolution', bundledModel, true);
    for (const [id, outcome] of table) expect({ id, ...outcome }).toMatchObject(isGrey(id) ? refusal(oneBand) : event);
  });

  it('by the bundled model, which is of three colours at 2 m: an event where a level has that resolution, or none is known', async () => {
    const table = await outcomes('bundled model', bundledModel, false);
    const others: Readonly<Record<string, object>> = {
      'samples/deepforest_australia.tif': refusal(elsewhere(2, '0.018')),
      'samples/opengeos_naip_20170827.tif': refusal(elsewhere(2, '5, 10')),
      'samples/titiler_TCI.tif': refusal(elsewhere(2, '100, 200, 399.3, 795.7, 1591, 3137')),
    };
    for (const [id, outcome] of table)
      expect({ id, ...outcome }).toMatchObject(isGrey(id) ? refusal(oneBand) : (others[id] ?? event));
  });

  it('by a model of one band of 16 bits at 10 m: an event for all Sentinel-2 bands', async () => {
    const table = await outcomes('one band, 10 m', greyModel, false);
    const others: Readonly<Record<string, object>> = {
      'samples/opengeos_naip_20170827.tif': event, // bands without names, the second level at 10 m
      'samples/rasterframes_LC08_B7_Memphis_COG.tiff': refusal(elsewhere(10, '30, 59.94, 119.9, 238.8, 473.6, 931.9')),
    };
    for (const [id, outcome] of table)
      expect({ id, ...outcome }).toMatchObject(others[id] ?? (isGrey(id) ? event : refusal(coloured)));
  });
});

function isGrey(id: string): boolean {
  return id.startsWith('sen2ships/') || id.includes('sentinel-b0') || id.includes('LC08_B7');
}

/** Photographs of roads as COGs with overviews: no CRS. */
async function roadScenes(folder: string): Promise<[string, string][]> {
  const images = (await readdir(sharedData('gtsdb/images'))).sort().slice(0, FRAMES);
  const cog = ['-q', '-of', 'COG', '-co', 'COMPRESS=JPEG', '-co', 'BLOCKSIZE=256'];
  const made: [string, string][] = [];
  for (const image of images) {
    const name = `${basename(image, '.jpg')}.tif`;
    await run('gdal_translate', [...cog, sharedData(`gtsdb/images/${image}`), join(folder, name)]);
    made.push([`gtsdb/${name}`, join(folder, name)]);
  }
  return made;
}

async function samples(): Promise<[string, string][]> {
  const names = (await readdir(sharedData('samples'))).filter((name) => /\.tiff?$/.test(name));
  return names.map((name) => [`samples/${name}`, sharedData(`samples/${name}`)]);
}

async function ships(): Promise<[string, string][]> {
  const paths = await readdir(sharedData('sen2ships'), { recursive: true });
  const tiffs = paths.filter((path) => path.endsWith('.tiff'));
  return tiffs.map((path) => [`sen2ships/${path}`, sharedData(`sen2ships/${path}`)]);
}

async function jsonLines(path: string) {
  const text = (await readFile(path, 'utf8')).trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
}

function costOf({ data: { properties } }: { data: { properties: Record<string, Record<string, number>> } }): string {
  const { bytes, requests, trips, share } = properties['read'] ?? {};
  return `${bytes} bytes in ${requests} requests and ${trips} trips, ${share} of the tiles`;
}
