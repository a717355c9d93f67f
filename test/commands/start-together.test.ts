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
  const { signal } = new AbortController();

  it('gives all parts once they have started', async () => {
    const [a, b] = [new Part(), new Part()];
    expect(await startTogether(signal, Promise.resolve(a), Promise.resolve(b))).toEqual([a, b]);
    expect([a.closed, b.closed]).toEqual([false, false]);
  });

  it('tells the mistakes of all parts at once, and closes those that have started', async () => {
    const part = new Part();
    const fails = (mistake: string) => Promise.reject(new UsageError([mistake]));
    const starting = startTogether(
      signal,
      fails('no model'),
      Promise.resolve(part),
      fails('no topic'),
      Promise.reject(new Error('x')),
    );
    await expect(starting).rejects.toThrow(new UsageError(['no model', 'no topic']));
    expect(part.closed).toBe(true);
  });

  it('tells another error where nobody made a mistake', async () => {
    await expect(startTogether(signal, Promise.reject(new Error('broker down')))).rejects.toThrow('broker down');
  });

  it('waits no longer once it is told to stop, and closes what has started', async () => {
    const stop = new AbortController();
    const part = new Part();
    const starting = startTogether(stop.signal, Promise.resolve(part), new Promise<Part>(() => {}));
    const reason = new Error('stopped by SIGINT');
    stop.abort(reason);
    await expect(starting).rejects.toBe(reason);
    expect(part.closed).toBe(true);
  });
});
