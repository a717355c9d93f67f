import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signatureOf } from './s3-server.ts';

describe('signatureOf', () => {
  it('is that of the example in the manual of AWS (Authenticating Requests, GET Object)', () => {
    const headers = {
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': createHash('sha256').update('').digest('hex'),
      'x-amz-date': '20130524T000000Z',
    };
    const store = { secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'us-east-1' };
    expect(signatureOf({ method: 'GET', url: '/test.txt', headers }, Object.keys(headers), store)).toBe(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });
});
