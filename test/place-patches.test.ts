import { describe, expect, it } from 'vitest';
import { placePatches } from '../src/place-patches.ts';
import { smallRaster } from './fakes/small-networks.ts';

describe('placePatches', () => {
  it('notes the centre of each window as shares of the level, between 0 and 1', () => {
    const windows = [
      { x: 0, y: 0, width: 10, height: 10 },
      { x: 90, y: 190, width: 10, height: 10 },
    ];
    const patches = windows.map((_, i) => smallRaster(10, 10, i));
    const placed = placePatches(patches, windows, { width: 100, height: 200 });
    expect(placed).toEqual([
      { ...patches[0], centre: [0.05, 0.025] },
      { ...patches[1], centre: [0.95, 0.975] },
    ]);
  });
});
