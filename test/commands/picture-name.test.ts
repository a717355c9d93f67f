import { describe, expect, it } from 'vitest';
import { pictureName, pictureNames } from '../../src/commands/picture-name.ts';

describe('pictureName', () => {
  it('is the name of the scene where files may be named so, and leads into no other folder', () => {
    expect(pictureName('scene-00007')).toBe('scene-00007');
    expect(pictureName('../a b')).toBe('..%2Fa%20b');
  });

  it('is short enough for a file of every scene, and another one for each', () => {
    const [one, other] = ['海'.repeat(80), `${'海'.repeat(79)}港`].map(pictureName);
    expect(one).toHaveLength(200);
    expect(other).not.toBe(one);
  });

  it('is one for half a pair of code units, too', () => {
    expect(pictureName('\ud800')).toBe('%EF%BF%BD');
  });
});

describe('pictureNames', () => {
  it('gives each picture a name of its own, also of ids that occur again or are named like numbered ones', () => {
    const names = ['a', 'b', 'a', 'a-2', 'a'].map(pictureNames());
    expect(names).toEqual(['a', 'b', 'a-2', 'a-2-2', 'a-3']);
  });
});
