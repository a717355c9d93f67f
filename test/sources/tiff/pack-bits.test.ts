import { describe, expect, it } from 'vitest';
import { packBits } from '../../../src/sources/tiff/pack-bits.ts';

describe('packBits', () => {
  it('undoes the example of TIFF 6.0 and Apple, Technical Note 1023', () => {
    const packed = Buffer.from('fe aa 02 80 00 2a fd aa 03 80 00 2a 22 f7 aa'.replaceAll(' ', ''), 'hex');
    const plain = `aaaaaa80002aaaaaaaaa80002a22${'aa'.repeat(10)}`;
    expect(Buffer.from(packBits(packed, 24)).toString('hex')).toBe(plain);
  });

  it('passes over 128, and stops where it has enough', () => {
    expect(packBits(Uint8Array.of(128, 0x81, 7), 3)).toEqual(Uint8Array.of(7, 7, 7));
    expect(packBits(Uint8Array.of(4, 1, 2, 3, 4, 5), 2)).toEqual(Uint8Array.of(1, 2));
  });

  it.each([[[]], [[128, 128]], [[0x81]], [[2, 1]]].map(([bytes]) => [bytes ?? []]))('refuses %j for more', (bytes) => {
    const most = bytes[0] === 0x81 ? 128 : 4;
    expect(() => packBits(Uint8Array.from(bytes), most)).toThrow('PackBits ends');
  });
});
