import { NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SceneError } from '../../src/errors.ts';
import { Circuits } from '../../src/pipeline/circuits.ts';
import { hostOf, throughCircuit } from '../../src/pipeline/through-circuit.ts';

const unreachable = new SceneError('source.unreachable', 'refused');

function circuits() {
  return new Circuits({ failures: 2, probeSeconds: 10 }, { now: () => performance.now() / 1e6, changed() {} });
}

describe('throughCircuit', () => {
  const failing = (c: Circuits, error: unknown, href = 'http://a') => {
    let found: unknown;
    throwError(() => error)
      .pipe(throughCircuit(c, hostOf(href)))
      .subscribe({
        error: (e) => {
          found = e;
        },
      });
    return found;
  };

  it('stops trying a host that was unreachable too often', () => {
    const c = circuits();
    expect([failing(c, unreachable), failing(c, unreachable)]).toEqual([unreachable, unreachable]);
    expect(failing(c, unreachable)).toMatchObject({
      code: 'source.unreachable',
      message: expect.stringMatching('a is down'),
    });
  });

  it('counts any other failure, and any result, as an answer', () => {
    const c = circuits();
    failing(c, unreachable);
    failing(c, new SceneError('source.missing', '404'));
    failing(c, unreachable);
    of(1).pipe(throughCircuit(c, 'a')).subscribe();
    failing(c, unreachable);
    expect(c.down).toBe(0);
  });

  it('learns nothing from a try that is given up, nor of what lies on no host', () => {
    const c = circuits();
    failing(c, unreachable);
    NEVER.pipe(throughCircuit(c, 'a')).subscribe().unsubscribe();
    expect(c.down).toBe(0);
    failing(c, unreachable);
    expect(c.down).toBe(1);
    for (let n = 0; n < 3; n += 1) expect(failing(c, unreachable, 'x.tif')).toBe(unreachable);
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
