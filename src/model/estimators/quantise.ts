import type { AttentionMap, Reach } from '../../scene.ts';

/**
 * An attention map in whole numbers, from which every draw is made: `units[cell] / total` is a cell's attention. Sums of
 * whole numbers are exact, so one map gives one draw, byte for byte, whatever computed the map and whatever draws.
 */
export type Shares = {
  /** [h·w] row by row, whole numbers */
  readonly units: Float64Array;
  readonly total: number;
  readonly width: number;
  readonly height: number;
  readonly reach: Reach;
};

/** Of places that no two cells have in common. */
const NEIGHBOUR: Reach = { x: 1, y: 1 };

/** A unit is 2⁻⁴⁰: float32 attention above 2⁻¹⁶ is kept as it is, and N times the sum of a map still is exact. */
const UNITS = 2 ** 40;

/**
 * Rounds attention to units; a cell with any keeps at least one, so that none is put out of reach.
 *
 * A coarser unit would not make draws from two backends agree more often, but less: rounding turns many small differences
 * into few large ones, and those add up along a cumulative sum (`ops/decisions/2026-11-24-estimators.md`).
 */
export function quantise({ values, width, height, reach = NEIGHBOUR }: AttentionMap): Shares {
  const units = new Float64Array(values.length);
  let total = 0;
  for (let cell = 0; cell < units.length; cell += 1) {
    const a = values[cell] as number;
    units[cell] = a > 0 ? Math.max(1, Math.round(a * UNITS)) : 0;
    total += units[cell] as number;
  }
  return { units, total, width, height, reach };
}
