import { describe, expect, it } from 'vitest';
import { lercHeader } from '../../../src/sources/tiff/lerc-header.ts';
import { lercBlob } from '../../fakes/lerc-blob.ts';

describe('lercHeader', () => {
  it('reads what a blob of version 4 says', () => {
    expect(lercHeader(lercBlob('u8'))).toEqual({
      width: 16,
      height: 16,
      depth: 1,
      validPixels: 256,
      bytes: 81,
      samples: 'u8',
    });
    expect(lercHeader(lercBlob('f32'))).toMatchObject({ validPixels: 255, bytes: 100, samples: 'f32' });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'no LERC blob'],
    ['zeros', Buffer.alloc(100), 'no LERC blob'],
    ['version 1, which is another format', lercBlob('u8', (blob) => blob.write('CntZImage ')), 'no LERC blob'],
    ['version 7', lercBlob('u8', (blob) => blob.writeInt32LE(7, 6)), 'version 7'],
    ['more bytes than there are', lercBlob('u8').subarray(0, 80), 'a LERC blob of 81 bytes'],
    ['less bytes than a header', lercBlob('u8', (blob) => blob.writeInt32LE(10, 34)), 'a LERC blob of 10 bytes'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => lercHeader(bytes)).toThrow(message);
  });
});
