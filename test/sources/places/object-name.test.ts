import { describe, expect, it } from 'vitest';
import { objectName } from '../../../src/sources/places/object-name.ts';

describe('objectName', () => {
  it('is a bucket and the path of a key, each part encoded once', () => {
    expect(objectName(new URL('s3://scenes/a%20b/c+d.tif'))).toEqual({ bucket: 'scenes', path: 'a%20b/c%2Bd.tif' });
    expect(objectName(new URL('s3://scenes/a%231%3F.tif')).path).toBe('a%231%3F.tif');
    expect(objectName(new URL('gs://my_scenes.eu/%25.tif')).path).toBe('%25.tif');
  });

  it.each([
    's3://scenes',
    's3://scenes/',
    's3:///a.tif',
    's3://s/a.tif',
    's3://Scenes/a.tif',
    's3://evil.org:80/a.tif',
    's3://evil.org%23/a.tif',
    's3://user:secret@scenes/a.tif',
    's3://scenes/%2e%2e%2fother/a.tif',
    's3://scenes/a/..%2f..%2fother',
    's3://scenes/.%2fa.tif',
    's3://scenes/%ff.tif',
    's3://scenes/a#1.tif',
    's3://scenes/a#',
    'gs://scenes/a?1.tif',
    'gs://scenes/a?',
    'az://scenes/a.tif?sig=secret',
  ])('refuses %s, and tells no secret', (href) => {
    expect(() => objectName(new URL(href))).toThrow(
      expect.objectContaining({ code: 'source.refused', message: expect.not.stringContaining('secret') }),
    );
  });

  it('says how a key is written that has a mark of a URL in it', () => {
    expect(() => objectName(new URL('s3://scenes/a#1.tif'))).toThrow(
      's3://scenes: a query or a fragment; in a key ? is written %3F, and # %23',
    );
  });

  it('never leaves its bucket by dots, which a URL takes away', () => {
    expect(objectName(new URL('s3://scenes/a/../../other/b.tif'))).toEqual({ bucket: 'scenes', path: 'other/b.tif' });
  });

  it('takes only buckets that are allowed, of the store that is named', () => {
    const buckets = ['s3://scenes'];
    expect(objectName(new URL('s3://scenes/a.tif'), buckets).bucket).toBe('scenes');
    for (const href of ['gs://scenes/a.tif', 's3://scenes2/a.tif'])
      expect(() => objectName(new URL(href), buckets)).toThrow('not a bucket that is allowed');
  });
});
