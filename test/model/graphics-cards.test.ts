import { describe, expect, it } from 'vitest';
import { readCards } from '../../src/model/graphics-cards.ts';

describe('readCards', () => {
  it('reads names and memory, in MiB as the driver tells it', () => {
    expect(readCards('NVIDIA H200, 1024, 143771\nTesla T4, [N/A], 15360\n')).toEqual([
      { name: 'NVIDIA H200', memory: { used: 2 ** 30, total: 143_771 * 2 ** 20 } },
      { name: 'Tesla T4', memory: null },
    ]);
  });

  it('finds none in an empty answer', () => {
    expect(readCards('\n')).toEqual([]);
  });
});
