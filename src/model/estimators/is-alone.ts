import type { DrawnCell } from '../model.ts';

/** One place drawn by lot, and none beside it: nothing can be told of how far others would be from it. */
export function isAlone([first, ...others]: readonly DrawnCell[]): boolean {
  return first !== undefined && others.length === 0 && first.coefficient > 1;
}
