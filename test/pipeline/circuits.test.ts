import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Circuits, HostDown } from '../../src/pipeline/circuits.ts';

function circuits(failures = 3, probeSeconds = 4) {
  const clock = { now: 0 };
  const told: [string, boolean][] = [];
  const changed = (host: string, isDown: boolean) => void told.push([host, isDown]);
  return { clock, told, circuits: new Circuits({ failures, probeSeconds }, { now: () => clock.now, changed }) };
}

describe('Circuits', () => {
  it('lets all tries through until a host was unreachable several times in a row', () => {
    const { circuits: c, told } = circuits();
    const passes = Array.from({ length: 4 }, () => c.enter('a'));
    passes[0]?.unreachable();
    passes[1]?.unreachable();
    c.enter('a').answered();
    passes[2]?.unreachable();
    passes[3]?.unreachable();
    expect(told).toEqual([]);
    c.enter('a').unreachable();
    expect(told).toEqual([['a', true]]);
    expect(() => c.enter('a')).toThrow(new HostDown('a', 1));
    c.enter('b').answered();
  });

  it('remembers the latest thousand hosts in trouble', () => {
    const { circuits: c } = circuits(1);
    for (let n = 0; n < 1500; n += 1) c.enter(`host-${n}`).unreachable();
    expect(c.down).toBe(1000);
    expect(() => c.enter('host-1499')).toThrow(HostDown);
    c.enter('host-0').answered();
  });

  it('probes a host that is down one try at a time, after pauses that double up to the longest', () => {
    const { clock, circuits: c } = circuits();
    for (let n = 0; n < 3; n += 1) c.enter('a').unreachable();
    const due: number[] = [];
    for (let probe = 0; probe < 4; probe += 1) {
      const since = clock.now;
      while (c.down === 1) {
        try {
          const pass = c.enter('a');
          due.push(clock.now - since);
          expect(() => c.enter('a')).toThrow('a is down: a probe is under way');
          pass.unreachable();
          break;
        } catch {
          clock.now += 0.25;
        }
      }
    }
    expect(due).toEqual([1, 2, 4, 4]);
  });

  it('leaves a host that is down alone for as long as it asked, an hour at most', () => {
    for (const [asked, pause] of [
      [20, 20],
      [0.2, 1],
      [90_000, 3600],
    ] as const) {
      const { clock, circuits: c } = circuits();
      for (let n = 0; n < 3; n += 1) c.enter('a').unreachable(asked);
      clock.now = pause - 0.1;
      expect(() => c.enter('a')).toThrow('a is down');
      clock.now = pause;
      c.enter('a').answered();
      expect(c.down).toBe(0);
    }
  });

  it('is whole again after one answer, and probes anew after a probe that was given up', () => {
    const { clock, told, circuits: c } = circuits();
    for (let n = 0; n < 3; n += 1) c.enter('a').unreachable();
    clock.now = 1;
    c.enter('a').abandoned();
    c.enter('a').answered();
    expect(told).toEqual([
      ['a', true],
      ['a', false],
    ]);
    expect(c.down).toBe(0);
    const passes = [c.enter('a'), c.enter('a')];
    for (const pass of passes) pass.answered();
  });

  it('never has more than one try under way at a host that is down, whatever comes', () => {
    const step = fc.oneof(
      fc.constant('enter'),
      fc.constant('answer'),
      fc.constant('fail'),
      fc.constant('give up'),
      fc.constant('wait'),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, circuits: c } = circuits(2);
        let begun: { pass: ReturnType<Circuits['enter']>; probe: boolean }[] = [];
        for (const what of steps) {
          if (what === 'wait') clock.now += 1;
          else if (what === 'enter') {
            const probe = c.down === 1;
            try {
              begun.push({ pass: c.enter('a'), probe });
            } catch (error) {
              expect(error).toBeInstanceOf(HostDown);
              expect(probe).toBe(true);
            }
          } else {
            const { pass } = begun.shift() ?? {};
            if (what === 'answer') pass?.answered();
            if (what === 'fail') pass?.unreachable();
            if (what === 'give up') pass?.abandoned();
          }
          if (c.down === 0) begun = begun.map(({ pass }) => ({ pass, probe: false }));
          expect(begun.filter(({ probe }) => probe).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 2000, seed: 7 },
    );
  });
});
