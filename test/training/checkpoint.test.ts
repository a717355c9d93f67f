import '@tensorflow/tfjs-backend-cpu';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { ScheduledAdam } from '../../src/training/adam.ts';
import { restoreCheckpoint, saveCheckpoint, warmStart } from '../../src/training/checkpoint.ts';
import { smallNetworks } from '../fakes/small-networks.ts';

describe('saveCheckpoint', () => {
  const networks = smallNetworks();
  const optimizer = new ScheduledAdam(1);
  let folder: string;
  let file: string;
  const save = (step: number) =>
    saveCheckpoint(file, { experiment: 'e', step, unjudged: false, best: undefined }, networks, optimizer);
  const restoredStep = async () => (await restoreCheckpoint(file, 'e', networks, optimizer))?.step;

  beforeEach(async () => {
    await tf.setBackend('cpu');
    folder = await mkdtemp(join(tmpdir(), 'saccade-checkpoint-'));
    file = join(folder, 'last.checkpoint.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps the newest two', async () => {
    expect(await restoredStep()).toBeUndefined();
    for (const step of [1, 2, 3]) await save(step);
    expect(await restoredStep()).toBe(3);
    expect((await readdir(folder)).sort()).toEqual(['last.checkpoint.json', 'last.checkpoint.json.previous']);
  });

  it('keeps networks that another run may begin with, if they are described alike', async () => {
    await save(1);
    const { feature, attention, head } = networks;
    const wanted = Array.from(head.getWeights()[0]?.dataSync() ?? []);
    const others = { ...smallNetworks(), head: smallNetworks().head };
    others.head.setWeights(others.head.getWeights().map((weight) => tf.zerosLike(weight)));
    await warmStart({ start: file }, others);
    expect(Array.from(others.head.getWeights()[0]?.dataSync() ?? [])).toEqual(wanted);
    await expect(warmStart({ start: file }, { attention, feature: head, head: feature })).rejects.toThrow(
      new UsageError([`${file} is of other networks: not this feature, head`]),
    );
    await expect(warmStart({ start: `${file}.gone` }, others)).rejects.toThrow(/there is no checkpoint at/);
    await expect(warmStart({ start: dirname(file) }, others)).rejects.toThrow(/cannot be read: EISDIR/);
    await warmStart({ start: undefined }, others);
  });

  it('lets a rival begin with those networks that it shares with the run, and leaves it its own', async () => {
    await save(1);
    const { head, attention: scorer } = smallNetworks();
    for (const network of [head, scorer]) network.setWeights(network.getWeights().map((weight) => tf.onesLike(weight)));
    await warmStart({ start: file }, { head, scorer });
    expect(head.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(
      networks.head.getWeights().map((weight) => Array.from(weight.dataSync())),
    );
    expect(scorer.getWeights().every((weight) => weight.dataSync().every((value) => value === 1))).toBe(true);
    await expect(warmStart({ start: file }, { scorer })).rejects.toThrow(/has none of scorer/);
  });

  it('leaves one to go on from where the newest is cut off, at any length', async () => {
    await save(1);
    await save(2);
    const { length } = await readFile(file);
    for (const bytes of [0, 1, Math.floor(length / 2), length - 1]) {
      await truncate(file, bytes);
      expect(await restoredStep()).toBe(1);
    }
  });

  it('leaves one to go on from where it was killed between its two renames', async () => {
    await save(1);
    await save(2);
    await rm(file);
    expect(await restoredStep()).toBe(1);
  });

  it('names a checkpoint that cannot be read, as where it is a folder', async () => {
    await mkdir(file);
    const error = await restoredStep().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(`${file} cannot be read: EISDIR`);
  });

  it('says in one line which are damaged where none is whole, and touches no weight', async () => {
    await save(1);
    await writeFile(file, '{"experiment":"e"}');
    const before = networks.head.getWeights().map((w) => Array.from(w.dataSync()));
    const error = await restoreCheckpoint(file, 'e', networks, optimizer).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(`${file} is damaged`);
    expect(networks.head.getWeights().map((w) => Array.from(w.dataSync()))).toEqual(before);
  });

  it('is refused in one clear line where the experiment has changed, its networks too', async () => {
    await save(1);
    const { feature, attention, head } = networks;
    const changed = restoreCheckpoint(file, 'f', { attention, feature: head, head: feature }, optimizer);
    await expect(changed).rejects.toThrow(
      new UsageError([`${file} belongs to another version of the experiment: move it away, or name another folder`]),
    );
  });

  it('fails in one clear line on a full disk, and the last one stands', async () => {
    await save(1);
    await symlink('/dev/full', `${file}.part`);
    await expect(save(2)).rejects.toThrow(/^the checkpoint of step 2 cannot be written, the last one stands: ENOSPC/);
    expect(await restoredStep()).toBe(1);
    expect(await readdir(folder)).toEqual(['last.checkpoint.json']);
    await save(3);
    expect(await restoredStep()).toBe(3);
  });
});
