/**
 * Indices of the `count` largest numbers above `floor`, in descending order; the earlier of equals first. One pass: `count`
 * is small, the map is not.
 */
export function largest(numbers: Float64Array, count: number, floor: number): number[] {
  const chosen: number[] = [];
  for (let index = 0; index < numbers.length; index += 1) {
    const number = numbers[index] as number;
    if (!(number > floor)) continue;
    if (chosen.length === count && number <= (numbers[chosen[count - 1] as number] as number)) continue;
    const at = chosen.findIndex((other) => number > (numbers[other] as number));
    chosen.splice(at < 0 ? chosen.length : at, 0, index);
    if (chosen.length > count) chosen.pop();
  }
  return chosen;
}
