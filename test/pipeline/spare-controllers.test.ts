import { describe, expect, it } from 'vitest';
import { SpareControllers } from '../../src/pipeline/spare-controllers.ts';

describe('SpareControllers', () => {
  it('lends one again that came back, and to one at a time', () => {
    const spare = new SpareControllers();
    const first = spare.lend();
    spare.takeBack(first);
    expect(spare.lend()).toBe(first);
    expect(spare.lend()).not.toBe(first);
  });

  it('lends none that was aborted', () => {
    const spare = new SpareControllers();
    const first = spare.lend();
    first.abort();
    spare.takeBack(first);
    expect(spare.lend().signal.aborted).toBe(false);
  });
});
