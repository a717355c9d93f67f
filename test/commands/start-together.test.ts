import { describe, expect, it } from 'vitest';
import { startTogether } from '../../src/commands/start-together.ts';
import { UsageError } from '../../src/errors.ts';

class Part {
  closed = false;
  async close(): Promise<void> {
    this.closed = true;
  }
}

describe('startTogether', () => {
  it('gives all parts once they have started', async () => {
    const [a, b] = [new Part(), new Part()];
    expect(await startTogether(Promise.resolve(a), Promise.resolve(b))).toEqual([a, b]);
    expect([a.closed, b.closed]).toEqual([false, false]);
  });

  it('tells the mistakes of all parts at once, and closes those that have started', async () => {
    const part = new Part();
    const fails = (mistake: string) => Promise.reject(new UsageError([mistake]));
    const starting = startTogether(
      fails('no model'),
      Promise.resolve(part),
      fails('no topic'),
      Promise.reject(new Error('x')),
    );
    await expect(starting).rejects.toThrow(new UsageError(['no model', 'no topic']));
    expect(part.closed).toBe(true);
  });

  it('tells another error where nobody made a mistake', async () => {
    await expect(startTogether(Promise.reject(new Error('broker down')))).rejects.toThrow('broker down');
  });
});
