import type { PixelArray } from './scene.ts';

/** Types of samples, by the names of STAC's `data_type`. */
export const dataTypes = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'] as const;
export type DataType = (typeof dataTypes)[number];

/** The least and the greatest whole number that a type holds; undefined for types of any numbers. */
export function rangeOf(type: DataType): readonly [least: number, most: number] | undefined {
  const [, unsigned, bits] = /^(u?)int(\d+)$/.exec(type) ?? [];
  if (bits === undefined) return undefined;
  return unsigned ? [0, 2 ** Number(bits) - 1] : [-(2 ** (Number(bits) - 1)), 2 ** (Number(bits) - 1) - 1];
}

export function dataTypeOf(samples: PixelArray): DataType {
  return samples[Symbol.toStringTag].replace('Array', '').toLowerCase() as DataType; // the same names, of a closed set
}
