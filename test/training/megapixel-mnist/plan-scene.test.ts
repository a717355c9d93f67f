import { beforeAll, describe, expect, it } from 'vitest';
import { digitsByClass } from '../../../src/training/megapixel-mnist/megapixel-mnist.ts';
import {
  leastSize,
  PAPER_DIGITS,
  type PlanSettings,
  planScene,
  type ScenePlan,
} from '../../../src/training/megapixel-mnist/plan-scene.ts';
import { readDigits } from '../../../src/training/megapixel-mnist/read-digits.ts';

const paper: PlanSettings = { seed: 4, split: 'test', size: 1500, noise: 50 };
let labels: Uint8Array;
let byClass: number[][];

beforeAll(async () => {
  const digits = await readDigits('test');
  labels = digits.labels;
  byClass = digitsByClass(digits);
});

function plans(count: number, settings: Partial<PlanSettings> = {}): ScenePlan[] {
  return Array.from({ length: count }, (_, index) => planScene(byClass, index, { ...paper, ...settings }));
}

/** Of a digit's square, how much noise lies on it: a share. */
function covered({ x, y }: { x: number; y: number }, { noise }: ScenePlan): number {
  const hidden = new Set<number>();
  for (const mark of noise) {
    for (let row = Math.max(y, mark.y); row < Math.min(y, mark.y) + 28; row += 1)
      for (let column = Math.max(x, mark.x); column < Math.min(x, mark.x) + 28; column += 1)
        hidden.add((row - y) * 28 + column - x);
  }
  return hidden.size / 784;
}

describe('planScene', () => {
  it.each([leastSize(PAPER_DIGITS), 448, 1500])(
    'puts three digits of the class and two others on a scene of %i px, none over another',
    (size) => {
      for (const { class: name, digits } of plans(200, { size })) {
        expect(digits.map(({ label }) => label === name)).toEqual([true, true, true, false, false]);
        expect(digits.map(({ digit }) => labels[digit])).toEqual(digits.map(({ label }) => label));
        for (const [i, a] of digits.entries()) {
          expect(Math.min(a.x, a.y)).toBeGreaterThanOrEqual(0);
          expect(Math.max(a.x, a.y)).toBeLessThanOrEqual(size - 28);
          for (const b of digits.slice(i + 1))
            expect(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeGreaterThanOrEqual(28);
        }
      }
    },
  );

  it.each([
    { own: 1, others: 0, size: 57 },
    { own: 3, others: 0, size: 105 },
    { own: 2, others: 1, size: 105 },
    { own: 3, others: 2, size: 138 },
  ])(
    'has room for $own and $others digits on $size px, and no other of those that five would be',
    ({ size, ...counts }) => {
      expect(leastSize(counts)).toBe(size);
      const whole = plans(200, { size: 448 });
      for (const [i, { digits }] of plans(200, { ...counts, size: 448 }).entries()) {
        const all = (whole[i] as ScenePlan).digits.map(({ digit }) => digit);
        expect(digits.map(({ digit }) => digit)).toEqual([
          ...all.slice(0, counts.own),
          ...all.slice(3, 3 + counts.others),
        ]);
      }
      for (const { digits } of plans(200, { ...counts, size })) expect(digits).toHaveLength(counts.own + counts.others);
    },
  );

  it('keeps noise a digit away from every border', () => {
    const marks = plans(200).flatMap(({ noise }) => noise);
    expect(marks).toHaveLength(200 * 50);
    const places = marks.flatMap(({ x, y }) => [x, y]);
    expect([Math.min(...places), Math.max(...places)]).toEqual([28, 1471]);
    expect(new Set(marks.map(({ pattern }) => pattern)).size).toBe(50);
  });

  it('has all classes as likely, and other digits as likely as MNIST has them', () => {
    const all = plans(5000, { noise: 0 });
    const counts = (values: readonly number[]) =>
      byClass.map((_, label) => values.filter((one) => one === label).length);
    for (const count of counts(all.map((plan) => plan.class))) expect(Math.abs(count - 500)).toBeLessThan(4 * 21.2); // σ = √(5000 · .1 · .9)
    // The chance of another digit: of its share among the digits that are not of the scene's class.
    const sizes = byClass.map((digits) => digits.length / labels.length);
    const others = counts(all.flatMap(({ digits }) => digits.slice(3).map(({ label }) => label)));
    for (const [label, count] of others.entries()) {
      const chance = sizes.reduce(
        (sum, size, other) => (other === label ? sum : sum + 0.1 * ((sizes[label] as number) / (1 - size))),
        0,
      );
      expect(Math.abs(count - 10_000 * chance)).toBeLessThan(4 * Math.sqrt(10_000 * chance * (1 - chance)));
    }
  });

  it('lets noise touch a digit in about 30 % of scenes, and cover more than half of one in about 6 %', () => {
    const shares = plans(3000).map((plan) => Math.max(...plan.digits.map((digit) => covered(digit, plan))));
    expect(Math.abs(shares.filter((share) => share > 0).length / 3000 - 0.3)).toBeLessThan(0.035); // 4 standard errors
    expect(Math.abs(shares.filter((share) => share > 0.5).length / 3000 - 0.059)).toBeLessThan(0.018);
  });

  it('depends on nothing but the settings and the index, and its digits not on the noise', () => {
    const [forward, backward] = [
      [0, 1, 2],
      [2, 1, 0],
    ].map((order) => order.map((index) => planScene(byClass, index, paper)));
    expect(backward?.reverse()).toEqual(forward);
    expect(planScene(byClass, 1, { ...paper, noise: 3 }).digits).toEqual(forward?.[1]?.digits);
    const others: Partial<PlanSettings>[] = [{ seed: 5 }, { split: 'train' }, { size: 1499 }];
    for (const other of others) expect(planScene(byClass, 1, { ...paper, ...other })).not.toEqual(forward?.[1]);
  });
});
