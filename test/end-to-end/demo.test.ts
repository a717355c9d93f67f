import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../setup/schemas.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

const MINUTES = 60_000;

/** The whole demo as a stranger runs it: 24 scenes of 4096², the bundled model, whatever backend is there. */
describe('saccade demo', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-demo-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const out = () => join(folder, 'demo');

  it('is right on at least 20 of 24 scenes, and reads at most 6 % of their bytes', {
    timeout: 6 * MINUTES,
  }, async () => {
    const demo = spawnSaccade(['demo', '--json', '--out', out()], {});
    expect([await demo.ended(), demo.stderr()]).toEqual([0, expect.stringContaining('✓')]);
    const summary = JSON.parse(demo.stdout());
    expect(Object.keys(summary)).toEqual([
      'scenes',
      'right',
      'bytesRead',
      'bytesTotal',
      'requests',
      'secondsP50',
      'secondsP95',
    ]);
    expect(summary.scenes).toBe(24);
    expect(summary.right).toBeGreaterThanOrEqual(20);
    expect(summary.bytesRead / summary.bytesTotal).toBeLessThanOrEqual(0.06);
  });

  it('leaves a valid event and a heatmap for each scene', async () => {
    const lines = (await readFile(join(out(), 'events.jsonl'), 'utf8')).trimEnd().split('\n');
    const events: Record<string, string>[] = lines.map((line) => JSON.parse(line));
    expect(new Set(events.map(({ subject }) => subject)).size).toBe(24);
    for (const event of events) expect(violations('classification-event', event)).toEqual([]);
    expect(await readFile(join(out(), 'dead-letters.jsonl'), 'utf8')).toBe('');
    const pictures = await readdir(join(out(), 'heatmaps'));
    expect(pictures.sort()).toEqual(events.map(({ subject }) => `${subject}.png`).sort());
    const { width, height, format } = await sharp(join(out(), 'heatmaps', pictures[0] ?? '')).metadata();
    expect([width, height, format]).toEqual([1448, 720, 'png']);
  });

  it('says what it keeps when it is stopped while it makes scenes', async () => {
    const demo = spawnSaccade(['demo', '--out', join(folder, 'stopped')], {});
    await demo.told('scenes ');
    expect(await demo.interrupt()).toBe(1);
    expect(demo.stderr()).toMatch(/stopped: \d+ of 24 scenes are kept in .*; the same command goes on from there/);
  });

  it('makes no scene, and leaves earlier events as they are, where there is no model', async () => {
    const before = join(folder, 'before');
    await mkdir(before);
    await writeFile(join(before, 'events.jsonl'), '{}\n');
    const demo = spawnSaccade(['demo', '--out', before], { SACCADE_MODEL: join(folder, 'nowhere') });
    expect([await demo.ended(), demo.stderr()]).toEqual([2, expect.stringContaining('no model at')]);
    expect(await readdir(before)).toEqual(['events.jsonl']);
    expect(await readFile(join(before, 'events.jsonl'), 'utf8')).toBe('{}\n');
  });

  it('ends when its events cannot be written, and says why', async () => {
    const demo = async (name: string, file: string) => {
      const saccade = spawnSaccade(['demo', '--scenes', '1', '--size', '512', '--out', join(folder, name)], {});
      return [await saccade.ended(), saccade.stderr().trimEnd().split('\n').at(-1)?.replace(file, '…')];
    };
    const taken = join(folder, 'taken', 'events.jsonl');
    await mkdir(taken, { recursive: true });
    expect(await demo('taken', taken)).toEqual([
      2,
      "saccade: cannot open EISDIR: illegal operation on a directory, open '…'",
    ]);
    const full = join(folder, 'full', 'events.jsonl');
    await mkdir(join(folder, 'full'));
    await symlink('/dev/full', full);
    expect(await demo('full', full)).toEqual([1, 'saccade: ENOSPC: no space left on device, write']);
  });
});
