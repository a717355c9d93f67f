import { setImmediate as breathe } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { judgeBaseline } from '../../../src/training/baselines/judge-baseline.ts';
import type { LabelledScene } from '../../../src/training/labels.ts';
import { storedScene } from '../../fakes/stored-scene.ts';

const grey = { data: new Uint8Array(4), width: 2, height: 2, bands: 1 };
const scenes: LabelledScene[] = ['a', 'b', 'c', 'd'].map((id) => ({ id, path: `${id}.tif`, class: 'one' }));

describe('judgeBaseline', () => {
  it('hears between two scenes that it is to stop, though nothing has to be waited for', async () => {
    const stop = new AbortController();
    const judged: string[] = [];
    const judging = judgeBaseline(scenes, {
      baseline: { answer: async () => ({ probabilities: [0.1, 0.9], strongest: undefined }) },
      store: { load: async () => storedScene(grey, grey) },
      classes: ['none', 'one'],
      onJudged: ({ id }) => judged.push(id),
      signal: stop.signal,
    });
    breathe().then(() => stop.abort(new Error('enough'))); // comes as Ctrl-C does
    await expect(judging).rejects.toThrow('enough');
    expect(judged.length).toBeLessThan(scenes.length);
  });
});
