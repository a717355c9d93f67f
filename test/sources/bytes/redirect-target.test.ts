import { describe, expect, it } from 'vitest';
import { redirectTarget } from '../../../src/sources/bytes/redirect-target.ts';

const from = new URL('https://example.org/a/b.tif?sig=secret');

describe('redirectTarget', () => {
  it('is where the answer sends us, counted from where it came from', () => {
    for (const [statusCode, location, target] of [
      [301, 'https://other.org/c', 'https://other.org/c'],
      [302, '../c', 'https://example.org/c'],
      [303, '//other.org/c', 'https://other.org/c'],
      [307, '?x=1', 'https://example.org/a/b.tif?x=1'],
      [308, 'file:///etc/passwd', 'file:///etc/passwd'],
    ] as const)
      expect(redirectTarget(from, { statusCode, headers: { location } })?.href).toBe(target);
  });

  it('is nowhere where the answer is none of that', () => {
    expect(redirectTarget(from, { statusCode: 206, headers: { location: '/c' } })).toBeUndefined();
    expect(redirectTarget(from, { statusCode: 304, headers: { location: '/c' } })).toBeUndefined();
    expect(redirectTarget(from, { statusCode: 301, headers: {} })).toBeUndefined();
  });

  it('never leads out of TLS, nor to what is no address, and tells no signature', () => {
    for (const [location, code] of [
      ['http://example.org/a', 'source.refused'],
      ['https://', 'source.protocol'],
    ] as const) {
      const target = () => redirectTarget(from, { statusCode: 301, headers: { location } });
      expect(target).toThrow(expect.objectContaining({ code, message: expect.not.stringContaining('secret') }));
    }
    const plain = new URL('http://example.org/a');
    expect(redirectTarget(plain, { statusCode: 301, headers: { location: 'http://b.org/' } })?.host).toBe('b.org');
  });
});
