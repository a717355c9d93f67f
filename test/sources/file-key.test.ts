import { describe, expect, it } from 'vitest';
import { fileKey } from '../../src/sources/file-key.ts';

const plain = 'https://a.example/scene.tif';

describe('fileKey', () => {
  it.each([
    '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-Expires=3600',
    '?sv=2024-01-01&st=now&se=2027&sr=b&sp=r&sig=abc%3D',
    '?Expires=1&Signature=b&Key-Pair-Id=c',
    '?AWSAccessKeyId=a&Signature=b&Expires=1',
    '?X-Goog-Signature=1&X-Goog-Date=2',
    '#fragment',
  ])('leaves out the signature %s', (signature) => {
    expect(fileKey(plain + signature)).toBe(plain);
  });

  it('keeps what names the file, in any order', () => {
    expect(fileKey(`${plain}?versionId=2&sv=1&sig=a&b=1`)).toBe(fileKey(`${plain}?b=1&versionId=2&sv=1&sig=b`));
    expect(fileKey(`${plain}?versionId=2`)).not.toBe(fileKey(`${plain}?versionId=3`));
    expect(fileKey(`${plain}?src=a.tif`)).not.toBe(fileKey(`${plain}?src=b.tif`));
    for (const name of ['token', 'access_token', 'se', 'expires', 'sig', 'policy'])
      expect(fileKey(`${plain}?${name}=1`)).not.toBe(fileKey(`${plain}?${name}=2`));
    expect(fileKey('https://user:word@a.example/scene.tif')).toBe(plain);
  });
});
