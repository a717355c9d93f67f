import { describe, expect, it } from 'vitest';
import { SceneError } from '../../../src/errors.ts';
import type { ByteSource } from '../../../src/sources/bytes/byte-source.ts';
import { retryingSource } from '../../../src/sources/bytes/retrying-source.ts';

const { signal } = new AbortController();
const range = { offset: 0, length: 4 };
const retries = { tries: 3, baseSeconds: 0.001, maxSeconds: 0.05 };

/** Fails as it is told, then answers. */
function failing(...failures: readonly Error[]): ByteSource & { readonly reads: () => number } {
  let reads = 0;
  return {
    href: 'memory:/scene.tif',
    identity: undefined,
    reads: () => reads,
    async read({ length }) {
      const failure = failures[reads++];
      if (failure) throw failure;
      return new Uint8Array(length);
    },
  };
}

const unreachable = (retryAfterSeconds?: number) => new SceneError('source.unreachable', 'no', { retryAfterSeconds });

describe('retryingSource', () => {
  it('asks again for a range that did not come, and tells each time', async () => {
    const source = failing(unreachable(), unreachable());
    let told = 0;
    const { length } = await retryingSource(source, retries, { retrying: () => (told += 1) }).read(range, signal);
    expect([length, source.reads(), told]).toEqual([4, 3, 2]);
  });

  it('gives up after as many tries as it has', async () => {
    const source = failing(unreachable(), unreachable(), unreachable());
    await expect(retryingSource(source, retries).read(range, signal)).rejects.toMatchObject({
      code: 'source.unreachable',
    });
    expect(source.reads()).toBe(3);
  });

  it.each(['source.protocol', 'source.changed', 'source.missing', 'budget.exceeded'] as const)(
    'does not ask again after %s',
    async (code) => {
      const source = failing(new SceneError(code, 'no'));
      await expect(retryingSource(source, retries).read(range, signal)).rejects.toMatchObject({ code });
      expect(source.reads()).toBe(1);
    },
  );

  it('waits as long as the server asks for, but not for ever', async () => {
    const patient = failing(unreachable(0.03));
    const start = performance.now();
    await retryingSource(patient, retries, { random: () => 0 }).read(range, signal);
    expect(performance.now() - start).toBeGreaterThan(28);
    const hasty = failing(unreachable(60));
    await expect(retryingSource(hasty, retries).read(range, signal)).rejects.toThrow('no');
    expect(hasty.reads()).toBe(1);
  });

  it('stops at an abort with its own reason, in the pause too', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const long = { tries: 3, baseSeconds: 60, maxSeconds: 60 };
    const options = { random: () => 1, retrying: () => stop.abort(reason) };
    await expect(retryingSource(failing(unreachable()), long, options).read(range, stop.signal)).rejects.toBe(reason);
  });
});
