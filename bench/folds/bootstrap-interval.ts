import { randomKey, uniform } from '../../src/random.ts';

const [DRAWS, LEVEL] = [10_000, 0.95];

/**
 * The percentile bootstrap (Efron 1979): the middle 95 % of what a figure would be on as many cases, drawn from these with
 * replacement. The same cases give the same interval.
 */
export function bootstrapInterval<T>(
  cases: readonly T[],
  figure: (some: readonly T[]) => number,
): readonly [low: number, high: number] {
  const figures = Float64Array.from({ length: DRAWS }, (_, draw) => {
    const key = randomKey('bootstrap', draw);
    return figure(cases.map((_case, i) => cases[Math.floor(uniform(key, i) * cases.length)] as T));
  }).sort();
  const at = (share: number) => figures[Math.min(DRAWS - 1, Math.floor(share * DRAWS))] as number;
  return [at((1 - LEVEL) / 2), at((1 + LEVEL) / 2)];
}
