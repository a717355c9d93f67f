import { cellsAbove } from '../../../src/model/estimators/gumbel-kappa-plain.ts';
import { hilbertOrder } from '../../../src/model/estimators/hilbert-order.ts';
import { counted } from '../../../src/model/estimators/importance.ts';
import type { Shares } from '../../../src/model/estimators/quantise.ts';
import { systematicAt } from '../../../src/model/estimators/systematic.ts';
import { evenly } from '../../../src/model/estimators/uniform.ts';
import { inOrder } from '../../../src/model/estimators/without-replacement.ts';
import type { DrawnCell } from '../../../src/model/model.ts';

/** Every draw that a design can give, with its probability: means over them are exact, no chance left. */
export type Weighted = { readonly probability: number; readonly cells: readonly DrawnCell[] };
export type EveryDraw = (shares: Shares, patches: number) => Weighted[];

/** Σ over all ordered draws, one after another from what is left. */
export const everyOrder: EveryDraw = (shares, patches) =>
  sequences(open(shares), patches).map((order) => {
    let [left, probability] = [shares.total, 1];
    for (const cell of order) {
      probability *= shares.units[cell]! / left;
      left -= shares.units[cell]!;
    }
    return { probability, cells: inOrder(shares, order) };
  });

/** Σ over all K^N sequences of independent draws from p. */
export function everyIndependent(p: (shares: Shares) => number[]): EveryDraw {
  return (shares, patches) => {
    const probabilities = p(shares);
    return tuples(shares.units.length, patches)
      .map((draws) => ({
        probability: draws.reduce((product, cell) => product * probabilities[cell]!, 1),
        cells: counted(shares, draws, (cell) => probabilities[cell]!),
      }))
      .filter(({ probability }) => probability > 0);
  };
}

export const everySubset: EveryDraw = (shares, patches) => {
  const sets = subsets(open(shares), patches);
  return sets.map((cells) => ({ probability: 1 / sets.length, cells: evenly(shares, cells) }));
};

/** Σ over the pieces of [0, 1) in which a start gives one draw. */
export const everyStart: EveryDraw = (shares, patches) => {
  const certain = systematicAt(shares, patches, 0).filter(({ coefficient }) => coefficient === 1);
  const taken = new Set(certain.map(({ cell }) => cell));
  const [places, order] = [patches - certain.length, [...hilbertOrder(shares.width, shares.height)]];
  const rest = order.filter((cell) => !taken.has(cell)).map((cell) => shares.units[cell]!);
  const left = rest.reduce((sum, share) => sum + share, 0);
  let end = 0;
  const ends = rest.map((share) => {
    end += (share * places) / left;
    return end % 1;
  });
  const cuts = [0, ...ends, 1].sort((a, b) => a - b);
  return cuts.slice(1).map((cut, i) => ({
    probability: cut - cuts[i]!,
    cells: systematicAt(shares, patches, (cut + cuts[i]!) / 2),
  }));
};

/**
 * Gumbel keys are, turned over, arrival times: cell i arrives after a time Tᵢ ~ Exp(aᵢ), and e^−κ is the time t of the
 * (N+1)-th arrival. Sum over every set of the first N arrivals, integrate over t: ∫ r·e^(−r·t)·Π(1 − e^(−aᵢ·t)) dt, r
 * being what is left outside the set. With r·t = exp(x − e^(−x)) the integrand falls off double exponentially on both
 * sides, and the trapezoid rule is exact to the last digits.
 */
export const everyThreshold: EveryDraw = (shares, patches) => {
  const step = 1 / 16;
  const nodes = Array.from({ length: 150 }, (_, i) => (i - 80) * step).map((x) => {
    const s = Math.exp(x - Math.exp(-x));
    return { s, width: step * s * (1 + Math.exp(-x)) };
  });
  return subsets(open(shares), patches).flatMap((set) => {
    const attention = set.map((cell) => shares.units[cell]! / shares.total);
    const left = 1 - attention.reduce((sum, a) => sum + a, 0);
    return nodes.map(({ s, width }) => {
      const all = attention.reduce((product, a) => product * -Math.expm1((-a * s) / left), 1);
      return { probability: Math.exp(-s) * all * width, cells: cellsAbove(shares, set, -Math.log(s / left)) };
    });
  });
};

function open({ units }: Shares): number[] {
  return [...units.keys()].filter((cell) => units[cell]! > 0);
}

function sequences(cells: readonly number[], length: number): number[][] {
  if (length === 0) return [[]];
  return cells.flatMap((first) =>
    sequences(
      cells.filter((cell) => cell !== first),
      length - 1,
    ).map((rest) => [first, ...rest]),
  );
}

function tuples(count: number, length: number): number[][] {
  if (length === 0) return [[]];
  return tuples(count, length - 1).flatMap((rest) => Array.from({ length: count }, (_, first) => [first, ...rest]));
}

function subsets(cells: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return cells.flatMap((first, i) => subsets(cells.slice(i + 1), size - 1).map((rest) => [first, ...rest]));
}
