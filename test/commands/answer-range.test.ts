import { describe, expect, it } from 'vitest';
import { answerRange } from '../../src/commands/answer-range.ts';

const file = { size: 1000, etag: '"v1"', modified: new Date('2024-05-06T07:08:09Z') };
const summary = (request: Record<string, string>) => {
  const { status, headers, body } = answerRange(request, file);
  return [status, headers['content-range'], body?.start, body?.length];
};

describe('answerRange', () => {
  it.each([
    ['bytes=0-0', [206, 'bytes 0-0/1000', 0, 1]],
    ['bytes=10-19', [206, 'bytes 10-19/1000', 10, 10]],
    ['bytes=990-2000', [206, 'bytes 990-999/1000', 990, 10]],
    ['bytes=999-', [206, 'bytes 999-999/1000', 999, 1]],
    ['bytes=-1', [206, 'bytes 999-999/1000', 999, 1]],
    ['bytes=-5000', [206, 'bytes 0-999/1000', 0, 1000]],
    ['bytes=1000-', [416, 'bytes */1000', undefined, undefined]],
    ['bytes=-0', [416, 'bytes */1000', undefined, undefined]],
    ['bytes=5-4', [200, undefined, 0, 1000]],
    ['bytes=-', [200, undefined, 0, 1000]],
    ['bytes=0-1,5-6', [200, undefined, 0, 1000]],
    ['lines=0-1', [200, undefined, 0, 1000]],
  ])('answers %s', (range, answer) => {
    expect(summary({ range })).toEqual(answer);
  });

  it('sends the whole file with its validators when no range is asked for', () => {
    expect(answerRange({}, file)).toEqual({
      status: 200,
      headers: {
        etag: '"v1"',
        'last-modified': 'Mon, 06 May 2024 07:08:09 GMT',
        'accept-ranges': 'bytes',
        'content-length': 1000,
      },
      body: { start: 0, length: 1000 },
    });
  });

  it('refuses a range of a file that is not the one meant', () => {
    expect(summary({ range: 'bytes=0-9', 'if-match': '"v0"' })[0]).toBe(412);
    expect(summary({ range: 'bytes=0-9', 'if-match': 'W/"v1"' })[0]).toBe(412);
    expect(summary({ range: 'bytes=0-9', 'if-match': '"v0", "v1"' })[0]).toBe(206);
    expect(summary({ range: 'bytes=0-9', 'if-match': '*' })[0]).toBe(206);
  });

  it('sends the whole file instead of a range of another version', () => {
    expect(summary({ range: 'bytes=0-9', 'if-range': '"v0"' })[0]).toBe(200);
    expect(summary({ range: 'bytes=0-9', 'if-range': '"v1"' })[0]).toBe(206);
    expect(summary({ range: 'bytes=0-9', 'if-range': 'Mon, 06 May 2024 07:08:09 GMT' })[0]).toBe(206);
  });

  it('has no range to give of an empty file', () => {
    expect(answerRange({ range: 'bytes=0-0' }, { ...file, size: 0 }).status).toBe(416);
    expect(answerRange({ range: 'bytes=-1' }, { ...file, size: 0 }).status).toBe(416);
  });
});
