import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patchBytes } from '../../bench/patch-bytes.ts';
import { writeCanvas } from '../../bench/write-canvas.ts';
import type { Place } from '../../src/scene.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

/** What `npm run bench:canvas` measures with sides of 8192 and 32768 pixels, memory included. */
const SCENE = { seed: 31, index: 1, size: 2048 };
const SIDES = [2048, 8192];

type Properties = { readonly class: string; readonly evidence: readonly Place[]; readonly read: { share: number } };

describe('saccade classify on a scene in a canvas of sixteen times its area', () => {
  let folder: string;
  const fileOf = (side: number) => join(folder, `${side}.tif`);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-canvas-'));
    for (const side of SIDES) await writeCanvas(fileOf(side), SCENE, side);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives the same answer, and reads hardly more at full resolution', async () => {
    const saccade = spawnSaccade(['classify', '--json', ...SIDES.map(fileOf)], { SACCADE_LANES: '1' });
    expect([await saccade.ended(), saccade.stderr()]).toEqual([0, '']);
    const lines = saccade.stdout().trimEnd().split('\n');
    const [small, large] = lines.map((line): Properties => JSON.parse(line).data.properties);
    expect(large?.class).toBe(small?.class);
    const bytes = await Promise.all(
      [small, large].map((found, i) => patchBytes(fileOf(SIDES[i] as number), found?.evidence ?? [])),
    );
    expect(bytes[0]).toBeGreaterThan(0);
    expect((bytes[1] as number) / (bytes[0] as number)).toBeLessThanOrEqual(1.2);
    expect(large?.read.share).toBeLessThan((small?.read.share as number) / 10);
  });
});
