import { describe, expect, it } from 'vitest';
import { SceneError } from '../../src/errors.ts';
import type { Inference } from '../../src/model/inference.ts';
import type { Raster, Window } from '../../src/scene.ts';
import type { LabelledScene } from '../../src/training/labels.ts';
import type { SceneStore } from '../../src/training/scene-store.ts';
import { type Judged, type Seen, validate } from '../../src/training/validate.ts';

/** Overviews of 4 × 4 pixels over scenes of 64 × 64: each pixel is a cell, and the patch of 16 × 16 under it. */
const overview: Raster = { data: new Uint8Array(16), width: 4, height: 4, bands: 1 };

/** Looks at the cells 5 and 10 of every scene, pulled by the latter; its answers come one after another. */
class KnownInference implements Inference {
  readonly #answers: number[][];

  constructor(answers: readonly (readonly number[])[]) {
    this.#answers = answers.map((answer) => [...answer]);
  }

  async attend() {
    const values = new Float32Array(16);
    values[5] = 0.5;
    values[10] = 0.5;
    return { values, width: 4, height: 4 };
  }

  async look(_patches: readonly Raster[], { cells }: Parameters<Inference['look']>[1]) {
    const pulls = cells.map(({ cell }) => (cell === 10 ? 1 : -1));
    return { probabilities: this.#answers.shift() ?? [], standardError: 0.01, pulls };
  }
}

const store: SceneStore = {
  load: async () => ({ overview, width: 64, height: 64, patches: async (windows) => windows.map(() => overview) }),
};

function scene(id: string, ...boxes: Window[]): LabelledScene {
  return { id, path: `${id}.tif`, class: 'one', ...(boxes.length > 0 && { boxes }) };
}

function judge(scenes: LabelledScene[], answers: number[][], more: Partial<Parameters<typeof validate>[1]> = {}) {
  const glance = {
    stack: { x: [], y: [] },
    patch: 16,
    estimator: 'gumbel-kappa-normalised' as const,
    patches: 2,
    seed: 0,
  };
  const inference = new KnownInference(answers);
  return validate(scenes, { ...glance, store, inference, classes: ['none', 'one'], ...more });
}

describe('validate', () => {
  it('answers with the likeliest class', async () => {
    const judged = await judge(
      [scene('a'), scene('b')],
      [
        [0.3, 0.7],
        [0.9, 0.1],
      ],
    );
    expect(judged).toMatchObject([
      { id: 'a', label: 'one', answer: 'one', probability: 0.7, standardError: 0.01 },
      { id: 'b', label: 'one', answer: 'none', probability: 0.9, standardError: 0.01 },
    ]);
    expect(judged.every(({ seconds }) => seconds >= 0)).toBe(true);
  });

  it('knows whether a place lies on the object, and whether the strongest pull does', async () => {
    const [first, strongest, beside] = [
      { x: 20, y: 20, width: 4, height: 4 }, // in cell 5: columns and rows 16 to 31
      { x: 47, y: 47, width: 9, height: 9 }, // a corner pixel in cell 10: columns and rows 32 to 47
      { x: 48, y: 32, width: 9, height: 9 }, // right of cell 10
    ];
    const scenes = [scene('a', first), scene('b', strongest), scene('c', beside), scene('d')];
    const judged = await judge(
      scenes,
      scenes.map(() => [0, 1]),
    );
    expect(judged.map(({ found, pulled }) => [found, pulled])).toEqual([
      [true, false],
      [true, true],
      [false, false],
      [undefined, undefined],
    ]);
  });

  it('tells of each scene what it rests on, and waits before the next one', async () => {
    const told: string[] = [];
    const onJudged = async ({ id }: Judged, { windows, pulls, attention }: Seen) => {
      const strongest = windows[pulls.indexOf(1)];
      expect(strongest).toEqual({ x: 32, y: 32, width: 16, height: 16 });
      expect(attention.values[10]).toBe(0.5);
      told.push(`${id} begins`);
      await new Promise(setImmediate);
      told.push(`${id} ends`);
    };
    await judge(
      [scene('a'), scene('b')],
      [
        [1, 0],
        [1, 0],
      ],
      { onJudged },
    );
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('stops between scenes once its signal is aborted', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const onJudged = ({ id }: Judged) => {
      told.push(id);
      stop.abort(new Error('enough'));
    };
    const stopped = judge(
      [scene('a'), scene('b')],
      [
        [1, 0],
        [1, 0],
      ],
      { onJudged, signal: stop.signal },
    );
    await expect(stopped).rejects.toThrow('enough');
    expect(told).toEqual(['a']);
  });

  it('hears of it though all scenes are in memory', async () => {
    const stop = new AbortController();
    const scenes = Array.from({ length: 100 }, (_, n) => scene(String(n)));
    const told: string[] = [];
    const onJudged = ({ id }: Judged) => void told.push(id);
    const answers = scenes.map(() => [1, 0]);
    const stopped = judge(scenes, answers, { onJudged, signal: stop.signal });
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(stopped).rejects.toThrow('enough');
    expect(told.length).toBeLessThan(3);
  });

  it('refuses a scene whose samples are no numbers', async () => {
    await expect(judge([scene('a')], [[Number.NaN, Number.NaN]])).rejects.toMatchObject({ code: 'scene.unsuitable' });
  });

  it('names the scene whose attention is no number', async () => {
    const values = new Float32Array(16).fill(Number.NaN);
    const inference: Inference = {
      attend: async () => ({ values, width: 4, height: 4 }),
      look: async () => {
        throw new TypeError('there is nothing to look at');
      },
    };
    await expect(judge([scene('a')], [], { inference })).rejects.toMatchObject({
      code: 'scene.unsuitable',
      message: 'a.tif: there is no place worth looking at',
    });
  });

  it('names the scene that the attention network refuses', async () => {
    const inference: Inference = {
      attend: async () => {
        throw new SceneError('scene.unsuitable', 'the scene is too small');
      },
      look: async () => ({ probabilities: [], standardError: 0, pulls: [] }),
    };
    await expect(judge([scene('a')], [], { inference })).rejects.toMatchObject({
      code: 'scene.unsuitable',
      message: 'a.tif: the scene is too small',
    });
  });
});
