import { describe, expect, it } from 'vitest';
import type { LabelledScene } from '../../src/training/labels.ts';
import { dealFolds, parseReference, selectScenes } from '../../src/training/select-scenes.ts';

/** 60 scenes of one class, 23 of another, 7 of a third. */
const scenes: LabelledScene[] = [60, 23, 7].flatMap((count, kind) =>
  Array.from({ length: count }, (_, i) => ({ id: `${kind}-${i}`, path: `${i}.png`, class: `c${kind}` })),
);

function ids(selection: string, from: readonly LabelledScene[] = scenes): string[] {
  return selectScenes(from, { directory: 'data', selection }).map(({ id }) => id);
}

describe('parseReference', () => {
  it('parts a folder from what is selected of it', () => {
    expect(parseReference('data/signs')).toEqual({ directory: 'data/signs', selection: undefined });
    expect(parseReference('data/signs#fold=0/5')).toEqual({ directory: 'data/signs', selection: 'fold=0/5' });
  });
});

describe('selectScenes', () => {
  it('takes all where nothing is selected', () => {
    expect(selectScenes(scenes, parseReference('data'))).toEqual(scenes);
  });

  it('holds out every scene in exactly one fold, the rest being the others', () => {
    const folds = [0, 1, 2, 3, 4].map((fold) => ids(`fold=${fold}/5`));
    expect(folds.flat().sort()).toEqual(ids('fold=0/1').sort());
    for (const [fold, held] of folds.entries()) {
      const rest = ids(`rest=${fold}/5`);
      expect(rest.length + held.length).toBe(scenes.length);
      expect(rest.filter((id) => held.includes(id))).toEqual([]);
    }
  });

  it('goes by the labels where they name folds and splits', () => {
    const labelled = scenes.map((scene, i) => ({ ...scene, fold: String(i % 3), split: i < 80 ? 'train' : 'test' }));
    expect(ids('fold=2', labelled)).toHaveLength(30);
    expect(ids('rest=2', labelled)).toHaveLength(60);
    expect(ids('split=test', labelled)).toEqual(scenes.slice(80).map(({ id }) => id));
  });

  it.each([
    ['nonsense', /behind # stands split=NAME, fold=K\/N or rest=K\/N/],
    ['fold=5/5', /with K from 0 to N - 1/],
    ['split=a/b', /behind # stands/],
    ['split=train', /data#split=train selects 0 of 90 scenes; they have none/],
    ['rest=7', /selects 90 of 90 scenes/],
    ['rest=0/1', /selects 0 of 90 scenes/],
  ])('refuses %s', (selection, message) => {
    expect(() => ids(selection)).toThrow(message);
  });
});

describe('dealFolds', () => {
  it('gives every fold its share of every class, to one scene', () => {
    const folds = dealFolds(scenes, 5);
    for (const [kind, count] of [60, 23, 7].entries()) {
      const sizes = [0, 1, 2, 3, 4].map(
        (fold) => scenes.filter(({ id, class: c }) => c === `c${kind}` && folds.get(id) === fold).length,
      );
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(Math.floor(count / 5));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.ceil(count / 5));
    }
  });

  it('deals the same whatever the order, and not by the order', () => {
    const folds = dealFolds(scenes, 5);
    expect(dealFolds(scenes.toReversed(), 5)).toEqual(folds);
    const inOrder = scenes.filter(({ id }, i) => folds.get(id) === i % 5).length;
    expect(inOrder).toBeLessThan(45);
  });
});
