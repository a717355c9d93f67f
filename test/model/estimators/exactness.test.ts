import { describe, expect, it } from 'vitest';
import { closedForm, exactForm } from '../../../bench/estimators/closed-form.ts';
import { all } from '../../../src/model/estimators/all.ts';
import type { Estimator } from '../../../src/model/estimators/estimator.ts';
import { gumbelKappaNormalised } from '../../../src/model/estimators/gumbel-kappa-normalised.ts';
import { gumbelKappaPlain } from '../../../src/model/estimators/gumbel-kappa-plain.ts';
import { importance } from '../../../src/model/estimators/importance.ts';
import { peaks } from '../../../src/model/estimators/peaks.ts';
import type { Shares } from '../../../src/model/estimators/quantise.ts';
import { systematic } from '../../../src/model/estimators/systematic.ts';
import { systematicNormalised } from '../../../src/model/estimators/systematic-normalised.ts';
import { top } from '../../../src/model/estimators/top.ts';
import { uniform } from '../../../src/model/estimators/uniform.ts';
import { withReplacement } from '../../../src/model/estimators/with-replacement.ts';
import { withoutReplacement } from '../../../src/model/estimators/without-replacement.ts';
import { randomKey } from '../../../src/random.ts';
import {
  type EveryDraw,
  everyIndependent,
  everyOrder,
  everyStart,
  everySubset,
  everyThreshold,
  type Weighted,
} from './every-draw.ts';
import { referenceGradient } from './reference-gradient.ts';

const MAPS: Readonly<Record<string, Shares>> = {
  even: shares([1, 1, 1, 1, 1, 1, 1]),
  uneven: shares([40, 25, 3, 10, 6, 15], 3),
  sharp: shares([1, 900, 20, 3, 400, 7, 2]),
  'with closed cells': shares([5, 0, 3, 8, 2, 1], 2),
};
const Y = Float64Array.from([0.857, -0.034, 0.73, 1.176, -0.863, 0.541, -1.4]);
const proposal = ({ units }: Shares) =>
  Array.from(units, (_, cell) => 1 + ((5 * cell) % 7)).map((p, _, ps) => p / sum(ps));

/** What each estimator claims: F̂ and its gradient by features, by logits, and its variance estimate are unbiased. */
type Claims = { readonly estimate?: true; readonly logits?: true; readonly variance?: true };
const unbiased = { estimate: true, logits: true, variance: true } as const;

const ESTIMATORS: readonly (readonly [name: string, Estimator, EveryDraw, Claims])[] = [
  ['with-replacement', withReplacement, everyIndependent(attentionOf), unbiased],
  ['importance', importance(new Float64Array()), everyIndependent(proposal), unbiased],
  ['without-replacement', withoutReplacement, everyOrder, unbiased],
  ['gumbel-kappa-plain', gumbelKappaPlain, everyThreshold, unbiased],
  ['gumbel-kappa-normalised', gumbelKappaNormalised, everyThreshold, {}],
  ['uniform', uniform, everySubset, unbiased],
  ['systematic', systematic, everyStart, { estimate: true, logits: true }],
  ['systematic-normalised', systematicNormalised, everyStart, { estimate: true }],
  ['top', top, always(top), {}],
  ['peaks', peaks, always(peaks), {}],
  ['all', all, always(all), unbiased],
];

describe.each(ESTIMATORS)('%s, over every draw that it can give', (_, estimator, every, claims) => {
  const cases = Object.entries(MAPS).flatMap(([name, map]) =>
    [1, 2, 3, 4].map((patches) => [name, patches, map] as const),
  );

  it.each(cases)('has the bias that it claims: %s map, N = %i', (_map, patches, map) => {
    const draws = every(map, patches).filter(({ cells }) => cells.length > 0);
    expect(Math.abs(sum(draws.map(({ probability }) => probability)) - 1)).toBeLessThan(1e-9);
    const { value, features, logits } = biases(map, draws, estimator);
    if (claims.estimate) expect(Math.max(value, features)).toBeLessThan(1e-9);
    if (claims.logits) expect(logits).toBeLessThan(1e-9);
  });

  it('is biased where it does not claim the contrary', () => {
    const draws = every(MAPS['uneven']!, 3);
    const { value, features, logits } = biases(MAPS['uneven']!, draws, estimator);
    if (!claims.estimate) expect(Math.max(value, features)).toBeGreaterThan(1e-3);
    if (!claims.logits) expect(logits).toBeGreaterThan(1e-3);
  });

  // One place tells nothing of its spread; with all cells taken there is none.
  it.each(cases.filter(([, patches]) => patches > 1 && claims.variance))(
    'estimates its variance without bias: %s map, N = %i',
    (_map, patches, map) => {
      const { variance, estimated } = variances(map, every(map, patches), estimator);
      expect(Math.abs(estimated - variance)).toBeLessThan(1e-9);
    },
  );
});

describe('importance', () => {
  it('has the least variance for p ∝ a·‖f‖ (eq. 9), of all distributions nearby and of the attention itself', () => {
    const map = MAPS['uneven']!;
    const a = attentionOf(map);
    const best = a.map((share, cell) => share * Math.abs(Y[cell]!));
    const varianceOf = (p: readonly number[]) => {
      const whole = p.map((share) => share / sum(p));
      return variances(map, everyIndependent(() => whole)(map, 2), importance(Float64Array.from(whole))).variance;
    };
    const least = varianceOf(best);
    expect(least).toBeLessThan(varianceOf(a));
    for (let cell = 0; cell < a.length; cell += 1) {
      for (const factor of [0.8, 0.95, 1.05, 1.25]) {
        expect(varianceOf(best.map((p, i) => (i === cell ? p * factor : p)))).toBeGreaterThan(least);
      }
    }
    expect(least).toBeCloseTo((sum(best) ** 2 - exactForm(Float64Array.from(a), Y).value ** 2) / 2, 12);
  });
});

describe('the gradient published with the paper', () => {
  it('is biased by logits where ours is not, though the estimate itself is the same', () => {
    const map = MAPS['uneven']!;
    const exact = exactForm(Float64Array.from(attentionOf(map)), Y).logits;
    const draws = everyOrder(map, 3);
    const mean = exact.map((_, cell) =>
      sum(
        draws.map(
          ({ probability, cells }) =>
            probability *
            referenceGradient(
              map,
              Y,
              cells.map((c) => c.cell),
            )[cell]!,
        ),
      ),
    );
    expect(Math.max(...exact.map((slope, cell) => Math.abs(mean[cell]! - slope)))).toBeGreaterThan(0.05);
    expect(biases(map, draws, withoutReplacement).logits).toBeLessThan(1e-9);
  });
});

function shares(units: readonly number[], width = units.length): Shares {
  return {
    units: Float64Array.from(units),
    total: sum(units),
    width,
    height: units.length / width,
    reach: { x: 1, y: 1 },
  };
}

function attentionOf({ units, total }: Shares): number[] {
  return Array.from(units, (share) => share / total);
}

function always(estimator: Estimator): EveryDraw {
  return (map, patches) => [{ probability: 1, cells: estimator.cells(map, { patches, key: randomKey() }) }];
}

/** The largest bias of the estimate, and of any component of its gradients. */
function biases(map: Shares, draws: readonly Weighted[], { form }: Estimator) {
  const attention = Float64Array.from(attentionOf(map));
  const y = Y.slice(0, attention.length);
  const exact = exactForm(attention, y);
  const [logits, features] = [exact.logits.map((slope) => -slope), exact.features.map((slope) => -slope)];
  let value = -exact.value;
  for (const { probability, cells } of draws) {
    const estimate = closedForm(attention, y, { cells, form });
    value += probability * estimate.value;
    estimate.logits.forEach((slope, cell) => {
      logits[cell]! += probability * slope;
      features[cell]! += probability * estimate.features[cell]!;
    });
  }
  const most = (numbers: Float64Array) => Math.max(...numbers.map(Math.abs));
  return { value: Math.abs(value), logits: most(logits), features: most(features) };
}

function variances(map: Shares, draws: readonly Weighted[], { form, variance }: Estimator) {
  const attention = Float64Array.from(attentionOf(map));
  const exact = exactForm(attention, Y).value;
  let [mean, estimated] = [0, 0];
  for (const { probability, cells } of draws) {
    const { value, contributions } = closedForm(attention, Y, { cells, form });
    mean += probability * (value - exact) ** 2;
    estimated += probability * variance(cells, contributions);
  }
  return { variance: mean, estimated };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
