import { describe, expect, it } from 'vitest';
import { readNodata } from '../../../src/sources/tiff/nodata.ts';

const only = (value: number) => [{ least: value, most: value }];

describe('readNodata', () => {
  it('fills with whole numbers that are rounded, and compares with them cut off', () => {
    expect(readNodata('-9999.9', 'i16')).toEqual({ fill: -10000, nodata: only(-9999) });
    expect(readNodata('254.9999', 'u8')).toEqual({ fill: 255, nodata: only(254) });
  });

  it('knows of no sample that is a value out of its range', () => {
    expect(readNodata('255.4', 'u8')).toEqual({ fill: 255, nodata: undefined });
    expect(readNodata('-99999', 'i16')).toEqual({ fill: -32768, nodata: undefined });
    expect(readNodata('nan', 'u8')).toEqual({ fill: 0, nodata: undefined });
    expect(readNodata('1e39', 'f32')).toEqual({ fill: 1e39, nodata: undefined });
    expect(readNodata('-inf', 'f64')).toEqual({ fill: -Infinity, nodata: undefined });
  });

  it('takes the nearest neighbours of a number in floating point for it, in double precision as far as in single', () => {
    const neighbours = [{ least: 0.9999995827674866, most: 1.0000004768371582 }];
    expect(readNodata('1', 'f32')).toEqual({ fill: 1, nodata: neighbours });
    expect(readNodata('1', 'f16')).toEqual({ fill: 1, nodata: neighbours });
    const [{ least, most }] = readNodata('1', 'f64').nodata ?? [{ least: 1, most: 1 }];
    expect(1 - least).toBeCloseTo(2 ** -21, 12);
    expect(most - 1).toBeCloseTo(2 ** -21, 12);
  });

  it('takes nothing but zero for zero', () => {
    expect(readNodata('0', 'f32')).toEqual({ fill: 0, nodata: only(0) });
    expect(readNodata('0', 'f64')).toEqual({ fill: 0, nodata: only(0) });
  });

  it('takes numbers for nodata whose sum with it goes beyond all numbers', () => {
    const { nodata } = readNodata('-1e38', 'f32');
    expect(nodata?.[1]).toEqual({ least: -3.4028234663852886e38, most: -2.4028235997687674e38 });
  });

  it('tells nothing where nothing is told', () => {
    expect(readNodata(undefined, 'u8')).toEqual({ fill: 0, nodata: undefined });
    expect(readNodata(' ', 'f32')).toEqual({ fill: 0, nodata: undefined });
  });
});
