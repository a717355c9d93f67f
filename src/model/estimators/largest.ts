/**
 * Indices of the `count` largest numbers above `floor`, in descending order; the earlier of equals first. One pass: `count`
 * is small, the map is not.
 */
export function largest(numbers: Float64Array, count: number, floor: number): number[] {
  const chosen: number[] = [];
  numbers.forEach((number, index) => {
    if (!(number > floor)) return;
    if (chosen.length === count && number <= (numbers[chosen[count - 1] as number] as number)) return;
    const at = chosen.findIndex((other) => number > (numbers[other] as number));
    chosen.splice(at < 0 ? chosen.length : at, 0, index);
    if (chosen.length > count) chosen.pop();
  });
  return chosen;
}
