import { describe, expect, it } from 'vitest';
import { openGate, shutGate, within } from '../../src/model/gate.ts';

describe('shutGate', () => {
  it('waits until all are out, however they leave, and lets nobody in from then on', async () => {
    const gate = openGate();
    const happened: string[] = [];
    const leave: (() => void)[] = [];
    const work = new Promise<void>((resolve) => {
      leave.push(resolve);
    });
    const broken = new Promise<void>((_, reject) => {
      leave.push(() => reject(new Error('a bug')));
    });
    const inside = [work, broken].map((each) => within(gate, () => each).then(String, String));
    const shut = shutGate(gate).then(() => happened.push('shut'));
    await expect(within(gate, async () => happened.push('entered'))).rejects.toThrow('the model is closed');
    leave[0]?.();
    expect(await inside[0]).toBe('undefined');
    leave[1]?.();
    expect(await inside[1]).toBe('Error: a bug');
    expect(happened).toEqual([]);
    await shut;
    expect(happened).toEqual(['shut']);
  });
});
