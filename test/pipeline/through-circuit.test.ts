import { describe, expect, it } from 'vitest';
import { SceneError } from '../../src/errors.ts';
import { Circuits } from '../../src/pipeline/circuits.ts';
import { hostOf, throughCircuit } from '../../src/pipeline/through-circuit.ts';

const unreachable = new SceneError('source.unreachable', 'refused');

/** One host, tried as often as one likes; its clock stands unless it is moved. */
class Bench {
  readonly clock = { now: 0 };
  readonly circuits = new Circuits({ failures: 2, probeSeconds: 10 }, { now: () => this.clock.now, changed() {} });

  /** @returns what the try failed with, or what it gave */
  try(
    work: () => Promise<unknown>,
    { host = 'a', signal = new AbortController().signal }: { host?: string | undefined; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    return throughCircuit({ circuits: this.circuits, host }, work, signal).catch((error: unknown) => error);
  }
}

const failing =
  (error: unknown = unreachable) =>
  () =>
    Promise.reject(error);

describe('throughCircuit', () => {
  it('stops trying a host that was unreachable too often', async () => {
    const bench = new Bench();
    expect([await bench.try(failing()), await bench.try(failing())]).toEqual([unreachable, unreachable]);
    expect(await bench.try(failing())).toMatchObject({
      code: 'source.unreachable',
      message: expect.stringMatching('a is down'),
    });
  });

  it('counts any other failure, and any result, as an answer', async () => {
    const bench = new Bench();
    await bench.try(failing());
    await bench.try(failing(new SceneError('source.missing', '404')));
    await bench.try(failing());
    expect(await bench.try(async () => 7)).toBe(7);
    await bench.try(failing());
    expect(bench.circuits.down).toBe(0);
  });

  it('learns nothing from a try that is given up', async () => {
    const bench = new Bench();
    await bench.try(failing());
    const giveUp = new AbortController();
    giveUp.abort();
    await bench.try(failing(), { signal: giveUp.signal });
    expect(bench.circuits.down).toBe(0);
    await bench.try(failing());
    expect(bench.circuits.down).toBe(1);
  });

  it('lets another probe at once where the one under way is given up, whenever that ends', async () => {
    const bench = new Bench();
    await bench.try(failing());
    await bench.try(failing());
    bench.clock.now = 5;
    const giveUp = new AbortController();
    void bench.try(() => new Promise(() => {}), { signal: giveUp.signal });
    expect(await bench.try(async () => 7)).toMatchObject({ message: expect.stringMatching('a probe is under way') });
    giveUp.abort();
    expect(await bench.try(async () => 7)).toBe(7);
    expect(bench.circuits.down).toBe(0);
  });
});

describe('hostOf', () => {
  it.each([
    ['https://a.example:8443/x.tif', 'a.example:8443'],
    ['s3://bucket/x.tif', 'bucket'],
    ['file:///x.tif', undefined],
    ['x.tif', undefined],
  ])('of %s is %s', (href, host) => {
    expect(hostOf(href)).toBe(host);
  });
});
