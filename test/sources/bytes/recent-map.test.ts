import { describe, expect, it } from 'vitest';
import { RecentMap } from '../../../src/sources/bytes/recent-map.ts';

describe('RecentMap', () => {
  it('forgets what was not asked for the longest', () => {
    const map = new RecentMap<number>(3);
    for (const [n, key] of ['a', 'b', 'c'].entries()) map.set(key, n);
    map.get('a');
    map.set('d', 3);
    expect(['a', 'b', 'c', 'd'].map((key) => map.get(key))).toEqual([0, undefined, 2, 3]);
  });

  it('holds no more than it may, and nothing that alone is more', () => {
    const map = new RecentMap<number>(10);
    map.set('a', 1, 6);
    map.set('b', 2, 4);
    expect(map.weight).toBe(10);
    map.set('a', 3, 2);
    expect(map.weight).toBe(6);
    map.set('c', 4, 11);
    expect(map.get('c')).toBeUndefined();
    expect(map.weight).toBe(0);
    map.delete('c');
    expect(map.weight).toBe(0);
  });
});
