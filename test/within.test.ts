import { describe, expect, it } from 'vitest';
import { within } from '../src/within.ts';

describe('within', () => {
  it('gives what the promise gives', async () => {
    await expect(within(5, Promise.resolve(7), 'counting')).resolves.toBe(7);
    await expect(within(5, Promise.reject(new Error('lost count')), 'counting')).rejects.toThrow('lost count');
  });

  it('fails when the promise takes too long, and says what did', async () => {
    await expect(within(0.01, new Promise(() => {}), 'counting')).rejects.toThrow('counting took longer than 0.01 s');
  });
});
