/**
 * Numbers of half precision (IEEE 754 binary16), which no typed array of Node 20 holds, as ones of single precision,
 * which hold each of them exactly. There are only 65 536, so each is looked up.
 */
export function halfNumbers(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => halfNumber(bits));
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i += 1) numbers[i] = table[halves[i] as number] as number;
  return numbers;
}

let table: Float32Array | undefined;

/** A sign, 5 bits of exponent with a bias of 15, 10 bits of fraction. */
function halfNumber(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent < 0x1f) return sign * (1 + fraction) * 2 ** (exponent - 15);
  return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
}
