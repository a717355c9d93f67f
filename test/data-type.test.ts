import { describe, expect, it } from 'vitest';
import { dataTypeOf, dataTypes, rangeOf } from '../src/data-type.ts';

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

  it('says what each can hold', () => {
    const ranges = dataTypes.map((type) => rangeOf(type));
    expect(ranges.slice(0, 4)).toEqual([
      [0, 255],
      [-128, 127],
      [0, 65535],
      [-32768, 32767],
    ]);
    expect(ranges.slice(4)).toEqual([[0, 2 ** 32 - 1], [-(2 ** 31), 2 ** 31 - 1], undefined, undefined]);
  });
});
