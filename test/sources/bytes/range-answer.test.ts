import { describe, expect, it } from 'vitest';
import { checkRange } from '../../../src/sources/bytes/range-answer.ts';

const href = 'https://example.org/a.tif';
const range = { offset: 100, length: 50 };
const known = { etag: '"1"', lastModified: null, size: 1000 };
const right = { 'content-range': 'bytes 100-149/1000', etag: '"1"' };

function check(
  statusCode: number,
  headers: Record<string, string>,
  before: typeof known | null = known,
  wanted = range,
) {
  return checkRange({ statusCode, headers }, wanted, before ?? undefined, href);
}

describe('checkRange', () => {
  it('takes exactly the range that was asked for', () => {
    expect(check(206, right)).toEqual({ length: 50, identity: known });
  });

  it('takes a shorter one where the file ends', () => {
    const headers = { 'content-range': 'bytes 0-9/10', 'last-modified': 'yesterday' };
    const identity = { etag: null, lastModified: 'yesterday', size: 10 };
    expect(check(206, headers, null, { offset: 0, length: 50 })).toEqual({ length: 10, identity });
  });

  it('takes a whole file that is no longer than the first read', () => {
    const whole = { offset: 0, length: 50 };
    expect(check(200, { 'content-length': '50' }, null, whole).length).toBe(50);
    expect(() => check(200, { 'content-length': '51' }, null, whole)).toThrow('does not serve ranges');
    expect(() => check(200, {}, null, whole)).toThrow(
      'the whole file (status 200, of a length that it does not tell): the server does not serve ranges',
    );
    expect(() => check(200, { 'content-length': '50' })).toThrow('does not serve ranges');
  });

  it.each([
    [200, { 'content-length': '1000' }, 'source.protocol'],
    [204, {}, 'source.protocol'],
    [206, {}, 'source.protocol'],
    [206, { ...right, 'content-range': 'bytes 100-149/*' }, 'source.protocol'],
    [206, { ...right, 'content-range': 'bytes 0-49/1000' }, 'source.protocol'],
    [206, { ...right, 'content-range': 'bytes 100-148/1000' }, 'source.protocol'],
    [206, { ...right, 'content-range': 'bytes 100-150/1000' }, 'source.protocol'],
    [206, { ...right, 'content-encoding': 'gzip' }, 'source.protocol'],
    [206, { ...right, etag: '"2"' }, 'source.changed'],
    [206, { 'content-range': 'bytes 100-149/1000' }, 'source.changed'],
    [206, { ...right, 'content-range': 'bytes 100-149/1001' }, 'source.changed'],
    [304, {}, 'source.protocol'],
    [400, {}, 'source.protocol'],
    [401, {}, 'source.forbidden'],
    [403, {}, 'source.forbidden'],
    [404, {}, 'source.missing'],
    [410, {}, 'source.missing'],
    [412, {}, 'source.changed'],
    [416, { 'content-range': 'bytes */10' }, 'source.changed'],
    [429, {}, 'source.unreachable'],
    [500, {}, 'source.unreachable'],
    [503, {}, 'source.unreachable'],
  ] as const)('calls status %i with %o %s', (status, headers, code) => {
    expect(() => check(status, headers)).toThrow(expect.objectContaining({ code }));
  });

  it('compares time and size where there is no ETag', () => {
    const dated = { etag: null, lastModified: 'Monday', size: 1000 };
    const answer = (lastModified: string) => {
      const headers = { 'content-range': right['content-range'], 'last-modified': lastModified };
      return () => checkRange({ statusCode: 206, headers }, range, dated, href);
    };
    expect(answer('Monday')).not.toThrow();
    expect(answer('Tuesday')).toThrow(expect.objectContaining({ code: 'source.changed' }));
  });

  it('calls an empty file no TIFF', () => {
    const first = { offset: 0, length: 50 };
    const invalid = expect.objectContaining({ code: 'cog.invalid' });
    expect(() => check(416, { 'content-range': 'bytes */0' }, null, first)).toThrow(invalid);
    expect(() => check(416, {}, null, first)).toThrow(invalid);
    expect(() => check(200, { 'content-length': '0' }, null, first)).toThrow(invalid);
  });

  it('does not call a file empty that has bytes, and from which none are given', () => {
    expect(() => check(416, { 'content-range': 'bytes */4358' }, null, { offset: 0, length: 50 })).toThrow(
      expect.objectContaining({
        code: 'source.protocol',
        message: `${href}: wanted 50 bytes at 0, got none (status 416), though the file has 4358 bytes`,
      }),
    );
  });

  it('takes names of units and of codings in any case', () => {
    const headers = { ...right, 'content-range': 'Bytes 100-149/1000', 'content-encoding': 'Identity' };
    expect(check(206, headers)).toEqual({ length: 50, identity: known });
  });

  it('says what was wanted and what came', () => {
    expect(() => check(206, { ...right, 'content-range': 'bytes 0-49/1000' })).toThrow(
      'https://example.org/a.tif: wanted 50 bytes at 100, got 50 bytes at 0 of 1000',
    );
  });
});
