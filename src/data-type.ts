import type { PixelArray } from './scene.ts';

/** Types of samples, by the names of STAC's `data_type`. */
export const dataTypes = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'] as const;
export type DataType = (typeof dataTypes)[number];

export function dataTypeOf(samples: PixelArray): DataType {
  return samples[Symbol.toStringTag].replace('Array', '').toLowerCase() as DataType; // the same names, of a closed set
}
