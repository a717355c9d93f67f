import type { ReadCost } from '../scene.ts';

/** What was added to a cost since it was so much. */
export function addedCost(before: Readonly<ReadCost>, now: Readonly<ReadCost>): ReadCost {
  return {
    bytes: now.bytes - before.bytes,
    requests: now.requests - before.requests,
    trips: now.trips - before.trips,
    tiles: now.tiles - before.tiles,
  };
}
