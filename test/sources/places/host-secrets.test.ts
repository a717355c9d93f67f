import { describe, expect, it } from 'vitest';
import { hostSecrets } from '../../../src/sources/places/host-secrets.ts';

const authorise = hostSecrets({
  'a.example': { headers: { Authorization: 'Bearer x', Range: 'bytes=0-' }, query: '?sig=a%2Fb&se=1' },
  'http://minio:9000': { headers: { 'x-key': 'y' }, query: '' },
});
const shown = async (href: string) => {
  const { url, headers } = await authorise({ url: new URL(href), headers: { range: 'bytes=0-9' } });
  return [url.href, headers];
};

describe('hostSecrets', () => {
  it('shows a host its headers and its query, and leaves what is ours', async () => {
    expect(await shown('https://a.example/b.tif')).toEqual([
      'https://a.example/b.tif?sig=a%2Fb&se=1',
      { authorization: 'Bearer x', range: 'bytes=0-9' },
    ]);
    expect((await shown('https://a.example/b.tif?x=%20y'))[0]).toBe('https://a.example/b.tif?x=%20y&sig=a%2Fb&se=1');
  });

  it('leaves a signature that came with the address', async () => {
    expect((await shown('https://a.example/b.tif?sig=own'))[0]).toBe('https://a.example/b.tif?sig=own');
  });

  it('takes an origin at its word', async () => {
    expect(await shown('http://minio:9000/b')).toEqual(['http://minio:9000/b', { 'x-key': 'y', range: 'bytes=0-9' }]);
  });

  it.each([
    'http://a.example/b.tif',
    'https://a.example:8443/b.tif',
    'https://b.a.example/b.tif',
    'https://a.example.evil.org/b.tif',
    'https://minio:9000/b',
    'http://minio/b',
  ])('shows %s nothing', async (href) => {
    expect(await shown(href)).toEqual([href, { range: 'bytes=0-9' }]);
  });
});
