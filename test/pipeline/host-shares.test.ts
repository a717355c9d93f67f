import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostShares } from '../../src/pipeline/host-shares.ts';

function shares(lanes = 16) {
  const clock = { now: 0 };
  return { clock, shares: new HostShares(lanes, () => clock.now) };
}

/** One scene of a host after the other, none of them side by side. */
function work(s: HostShares, clock: { now: number }, host: string, seconds: number, times = 20): void {
  for (let n = 0; n < times; n += 1) {
    s.begin(host);
    clock.now += seconds;
    s.took(host, seconds, true);
    s.end(host);
  }
}

/** How many more scenes of a host may begin. */
function begins(s: HostShares, host: string, most = 100): number {
  let count = 0;
  for (; count < most && s.mayBegin(host); count += 1) s.begin(host);
  return count;
}

describe('HostShares', () => {
  it('lets a host that has no other beside it have all lanes, however slow it is', () => {
    const { clock, shares: s } = shares();
    work(s, clock, 'slow', 60);
    expect(begins(s, 'slow')).toBe(100); // the lanes themselves are the bound
  });

  it('lets hosts that are about as quick have all lanes', () => {
    const { clock, shares: s } = shares();
    work(s, clock, 'a', 0.3);
    work(s, clock, 'b', 1);
    expect(begins(s, 'b')).toBe(100);
  });

  it('keeps free of a slow host what quicker ones have needed at once, and a quarter of the lanes at least', () => {
    const { clock, shares: s } = shares();
    work(s, clock, 'slow', 4);
    work(s, clock, 'quick', 0.2);
    expect(begins(s, 'slow')).toBe(12);
    for (let n = 0; n < 12; n += 1) s.end('slow');
    for (let n = 0; n < 9; n += 1) s.begin('quick');
    for (let n = 0; n < 9; n += 1) s.end('quick');
    expect(begins(s, 'slow')).toBe(7);
    expect(s.mayBegin('quick')).toBe(true);
  });

  it('leaves a quarter of the lanes to slow hosts, all of them together, whatever quicker ones need', () => {
    const { clock, shares: s } = shares();
    work(s, clock, 'slow', 4);
    work(s, clock, 'slower', 5);
    work(s, clock, 'quick', 0.2);
    for (let n = 0; n < 16; n += 1) s.begin('quick');
    expect(begins(s, 'slow', 2)).toBe(2);
    expect(begins(s, 'slower')).toBe(2);
    expect(s.mayBegin('slow')).toBe(false);
  });

  it('forgets in minutes what quicker hosts have needed, and in ten that there were any', () => {
    const { clock, shares: s } = shares();
    work(s, clock, 'slow', 4);
    work(s, clock, 'quick', 0.2);
    for (let n = 0; n < 16; n += 1) s.begin('quick');
    for (let n = 0; n < 16; n += 1) s.end('quick');
    expect(begins(s, 'slow')).toBe(4);
    clock.now += 60;
    expect(begins(s, 'slow')).toBe(4);
    clock.now += 600;
    expect(begins(s, 'slow')).toBe(100);
  });

  it('takes a host for slow before any of its scenes has ended, once nothing has come of them for long', () => {
    const { clock, shares: s } = shares();
    work(s, clock, 'quick', 0.2);
    expect(begins(s, 'hanging', 3)).toBe(3);
    clock.now += 0.7;
    expect(begins(s, 'hanging', 3)).toBe(3);
    clock.now += 0.2;
    s.begin('quick');
    expect(begins(s, 'hanging')).toBe(6);
  });

  it('is told by failures that a host is slow, never that it is quick', () => {
    const { clock, shares: s } = shares();
    work(s, clock, 'usual', 0.4);
    s.begin('down');
    s.took('down', 0.01, false);
    s.end('down');
    expect(begins(s, 'usual', 3)).toBe(3);
    s.took('down', 60, false);
    expect(begins(s, 'down')).toBe(12);
  });

  it('never lets slow hosts fill the lanes while a quick one is known, whatever happens', () => {
    const step = fc.record({
      what: fc.constantFrom('begin', 'begin', 'end', 'wait'),
      host: fc.constantFrom('a', 'b', 'c'),
    });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.array(step, { maxLength: 150 }), (lanes, steps) => {
        const { clock, shares: s } = shares(lanes);
        work(s, clock, 'quick', 0.2, 1);
        for (const host of ['a', 'b', 'c']) work(s, clock, host, 5, 1);
        let underWay = 0;
        for (const { what, host } of steps) {
          if (what === 'wait') clock.now += 3;
          else if (what === 'end' && s.underWay(host) > 0) {
            s.end(host);
            underWay -= 1;
          } else if (what === 'begin' && s.mayBegin(host)) {
            s.begin(host);
            underWay += 1;
          }
          expect(underWay).toBeLessThanOrEqual(lanes - Math.ceil(lanes / 4));
        }
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
});
