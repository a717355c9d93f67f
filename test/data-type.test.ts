import { describe, expect, it } from 'vitest';
import { dataTypeOf, dataTypes } from '../src/data-type.ts';

describe('dataTypeOf', () => {
  it('names each type of samples as STAC does, memory of Node itself too', () => {
    const arrays = [
      Uint8Array,
      Int8Array,
      Uint16Array,
      Int16Array,
      Uint32Array,
      Int32Array,
      Float32Array,
      Float64Array,
    ];
    expect(arrays.map((Samples) => dataTypeOf(new Samples(1)))).toEqual(dataTypes);
    expect(dataTypeOf(Buffer.alloc(1))).toBe('uint8');
  });
});
