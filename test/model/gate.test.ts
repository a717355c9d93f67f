import { describe, expect, it } from 'vitest';
import { begun, emptied, openGate, shutGate, within } from '../../src/model/gate.ts';

describe('a gate', () => {
  it('lets nobody in once it is shut, and is empty once all are out, however they leave', async () => {
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
    const shut = shutGate(gate, 0)
      .then(() => emptied(gate))
      .then(() => happened.push('empty'));
    await expect(within(gate, async () => happened.push('entered'))).rejects.toThrow('the model is closed');
    leave[0]?.();
    expect(await inside[0]).toBe('undefined');
    leave[1]?.();
    expect(await inside[1]).toBe('Error: a bug');
    expect(happened).toEqual([]);
    await shut;
    expect(happened).toEqual(['empty']);
  });

  it('is shut once all threads have begun', async () => {
    const gate = openGate();
    begun(gate);
    const happened: string[] = [];
    const shut = shutGate(gate, 2).then(() => happened.push('shut'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(happened).toEqual([]);
    begun(gate);
    await shut;
  });
});
