import { describe, expect, it } from 'vitest';
import { plainHref, withoutSecrets } from '../../../src/sources/bytes/plain-href.ts';

describe('plainHref', () => {
  it('leaves out credentials, query and fragment', () => {
    expect(plainHref(new URL('https://me:secret@a.example:8443/b%20c.tif?sig=secret#secret'))).toBe(
      'https://a.example:8443/b%20c.tif',
    );
  });
});

describe('withoutSecrets', () => {
  it('tells an address without what may be secret in it', () => {
    expect(withoutSecrets('https://a.example/b.tif?sig=secret')).toBe('https://a.example/b.tif');
    expect(withoutSecrets('https://me:secret@a.example/b.tif')).toBe('https://a.example/b.tif');
    expect(withoutSecrets('s3://bucket/b.tif#secret')).toBe('s3://bucket/b.tif');
  });

  it('leaves everything else as it was named', () => {
    for (const name of ['scene.tif', './a b#1.tif', '/data/what?.tif', 'C:\\x.tif', 'https://a.example/b.tif'])
      expect(withoutSecrets(name)).toBe(name);
  });
});
