import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { type HarbourOrder, makeHarbour } from '../../../src/training/harbour/make-harbour.ts';
import { readLabels } from '../../../src/training/labels.ts';
import { validateCog } from '../../setup/gdal.ts';
import { parts } from '../../setup/parts.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'saccade-harbour-'));
});

afterEach(() => rm(directory, { recursive: true }));

function order(more: Partial<HarbourOrder> = {}): HarbourOrder {
  return { directory, scenes: 4, sizes: [512], seed: 9, ...more };
}

function contents(): Promise<Buffer[]> {
  return Promise.all(['scene-00000.tif', 'scene-00003.tif'].map((file) => readFile(join(directory, file))));
}

describe('makeHarbour', () => {
  it('makes scenes of every class, labelled', async () => {
    const seen: number[] = [];
    const made = await makeHarbour(order({ onScene: (done) => seen.push(done) }));
    expect(made).toMatchObject({ complete: true, scenes: 4, made: 4 });
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    const labels = await readLabels(directory);
    expect(labels.map((scene) => scene.class).sort()).toEqual(['container', 'ferry', 'none', 'tanker']);
    for (const { path, boxes, ...scene } of labels) {
      expect((await readFile(path)).length).toBeGreaterThan(10_000);
      expect(boxes === undefined).toBe(scene.class === 'none');
    }
  });

  it('keeps what is there, and makes what is missing as it was', async () => {
    await makeHarbour(order());
    const before = await contents();
    await rm(join(directory, 'scene-00003.tif'));
    expect(await makeHarbour(order())).toMatchObject({ complete: true, scenes: 4, made: 1 });
    expect(await contents()).toEqual(before);
    expect(await makeHarbour(order())).toMatchObject({ complete: true, made: 0 });
    expect(await makeHarbour(order({ scenes: 5 }))).toMatchObject({ complete: true, scenes: 5, made: 1 });
    expect(await readLabels(directory)).toHaveLength(5);
  });

  it('makes the same in threads', async () => {
    await makeHarbour(order());
    const before = await contents();
    await Promise.all(['scene-00000.tif', 'scene-00003.tif'].map((file) => rm(join(directory, file))));
    expect(await makeHarbour(order({ workers: 2 }))).toMatchObject({ complete: true, made: 2 });
    expect(await contents()).toEqual(before);
  });

  it.each([1, 2])('stops when it is told to, with %i at a time, and leaves only whole scenes', async (workers) => {
    const stop = new AbortController();
    const onScene = (done: number) => {
      if (done === 1) stop.abort(new Error('enough'));
    };
    const made = await makeHarbour(order({ scenes: 8, workers, signal: stop.signal, onScene }));
    expect(made.complete).toBe(false);
    const files = await readdir(directory);
    expect(files.filter((file) => file !== 'dataset.json')).toHaveLength(made.scenes);
    expect(files.every((file) => /^(scene-\d{5}\.tif|dataset\.json)$/.test(file))).toBe(true);
    expect(await makeHarbour(order({ scenes: 8 }))).toMatchObject({ complete: true, made: 8 - made.scenes });
  });

  it('stops while its threads are only just beginning, and leaves only whole scenes', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 20); // a thread takes longer to load what it needs
    const made = await makeHarbour(order({ scenes: 8, workers: 2, signal: stop.signal }));
    expect(made).toMatchObject({ complete: false, made: made.scenes });
    expect((await readdir(directory)).filter((file) => file !== 'dataset.json')).toHaveLength(made.scenes);
  });

  it('does not mix data sets in a folder', async () => {
    await makeHarbour(order({ scenes: 1 }));
    await expect(makeHarbour(order({ seed: 10 }))).rejects.toThrow(UsageError);
    await expect(makeHarbour(order({ sizes: [512, 1024] }))).rejects.toThrow(/holds another data set.*"sizes":\[512\]/);
  });

  it('takes sizes in turn, each with all classes', async () => {
    await makeHarbour(order({ scenes: 8, sizes: [512, 640] }));
    const lines = (await readFile(join(directory, 'labels.jsonl'), 'utf8')).trim().split('\n');
    const labels = lines.map((line) => JSON.parse(line));
    expect(labels.map(({ width }) => width)).toEqual([512, 512, 512, 512, 640, 640, 640, 640]);
  });
});

describe.skipIf(!parts.gdal)('makeHarbour, needs gdal', () => {
  it("pleases GDAL's validator, at odd sizes too", async () => {
    await makeHarbour(order({ scenes: 8, sizes: [512, 777] }));
    for (const file of ['scene-00000.tif', 'scene-00004.tif']) {
      expect(await validateCog(join(directory, file))).toEqual({ errors: [], warnings: [] });
    }
  });
});
