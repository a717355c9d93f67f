import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { randomKey, uniforms } from '../../src/random.ts';
import { parts } from '../setup/parts.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

const KILLS = 10;
const STEPS = 40;

/** More threads add up in another order each time. */
const oneThread = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' };

describe.skipIf(!parts.tensorflow)('saccade train, killed without a word, needs tensorflow', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-killed-'));
    const { model, training } = parse(await readFile('experiments/megapixel-mnist-448.yaml', 'utf8'));
    const scenes = (count: number, seed: number) => `megapixel-mnist?scenes=${count}&size=448&noise=8&seed=${seed}`;
    const stages = [{ dataset: scenes(400, 1), steps: STEPS, learningRate: 0.001 }];
    const validation = { dataset: scenes(60, 2), everySteps: 10 };
    const small = {
      model: { ...model, patches: 3 },
      training: { ...training, ...{ batch: 4, checkpointEverySteps: 2, stages, validation } },
    };
    await writeFile(join(folder, 'small.yaml'), stringify(small));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const train = (name: string) =>
    spawnSaccade(
      ['train', join(folder, 'small.yaml'), '--out', join(folder, name, 'model'), '--run', runOf(name)],
      oneThread,
    );
  const runOf = (name: string) => join(folder, name, 'run');
  const stepsOf = async (name: string) => {
    const text = await readFile(join(runOf(name), 'training.jsonl'), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line.includes('"loss"')).length;
  };

  it('ends in the very bits of an undisturbed run, however often and whenever it is killed', async () => {
    const lots = uniforms(randomKey('kills'));
    let kills = 0;
    while (kills < KILLS) {
      const broken = train('broken');
      const over = broken.ended();
      const before = await stepsOf('broken');
      const moment = before + 1 + Math.floor(lots.next().value * 4);
      const running = async () => (await Promise.race([over, sleep(5)])) === undefined;
      while ((await running()) && (await stepsOf('broken')) < moment);
      await sleep(lots.next().value * 60); // anywhere in a step, a checkpoint or a validation
      if ((await broken.kill()) !== null) throw new Error(`it was over before: ${broken.stderr()}`);
      kills += 1;
    }
    expect(kills).toBe(KILLS);
    const [mended, whole] = [train('broken'), train('whole')];
    expect([await mended.ended(), await whole.ended()]).toEqual([0, 0]);
    for (const file of [
      'run/last.checkpoint.json',
      'run/best.checkpoint.json',
      'model/feature.json',
      'model/attention.json',
    ])
      expect((await readFile(join(folder, 'broken', file))).equals(await readFile(join(folder, 'whole', file)))).toBe(
        true,
      );
    expect(await stepsOf('broken')).toBe(STEPS);
  });
});
