import { describe, expect, it } from 'vitest';
import { chooseBands } from '../../src/sources/choose-bands.ts';

const choose = (names: string[][], wanted: string[], alpha?: number) =>
  chooseBands(
    { names, alpha },
    wanted.map((name) => ({ name })),
  );

const rgb = [['red'], ['green'], ['blue']];
const unnamed = [[], [], [], []];

describe('chooseBands', () => {
  it('goes by name, in the order of the model', () => {
    expect(choose(rgb, ['blue', 'red'])).toEqual([2, 0]);
    expect(
      choose(
        [
          ['b04', 'red'],
          ['b08', 'nir'],
        ],
        ['NIR'],
      ),
    ).toEqual([1]);
  });

  it('goes by position where the file names nothing', () => {
    expect(choose(unnamed, ['red', 'green', 'blue'])).toEqual([0, 1, 2]);
    expect(choose([[]], ['grey'])).toEqual([0]);
  });

  it('takes a band without a name for what the model has in its place, but never over a named one', () => {
    expect(choose([...rgb, []], ['red', 'green', 'blue', 'nir'])).toEqual([0, 1, 2, 3]);
    expect(choose([[], ['red']], ['red'])).toEqual([1]);
  });

  it('never shows a model transparency', () => {
    expect(choose([[], [], [], []], ['red', 'green', 'blue'], 0)).toEqual([1, 2, 3]);
    expect(() => choose([...rgb, []], ['red', 'green', 'blue', 'nir'], 3)).toThrow('red, green, blue, nir');
  });

  it.each([
    [rgb, ['nir'], 'the model needs the bands nir; the scene has red, green, blue'],
    [
      [['b04', 'red'], []],
      ['a', 'b', 'c'],
      'the model needs the bands a, b, c; the scene has b04 or red, one without a name',
    ],
    [[[]], ['red', 'green'], 'the model needs the bands red, green; the scene has one without a name'],
  ])('refuses %j where %j is needed', (names, wanted, message) => {
    expect(() => choose(names, wanted)).toThrow(message);
  });
});
