import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDigits } from '../../../src/training/megapixel-mnist/read-digits.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-digits-'));
});

afterEach(() => rm(folder, { recursive: true }));

function idx(shape: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  [0x800 + shape.length, ...shape].forEach((word, i) => {
    header.writeUInt32BE(word, 4 * i);
  });
  return Buffer.concat([header, values]);
}

describe('readDigits', () => {
  it('finds the 60,000 and the 10,000 digits of MNIST in the npm package, some of every class', async () => {
    const [train, test] = [await readDigits('train'), await readDigits('test')];
    expect([train, test].map(({ labels, pixels }) => [labels.length, pixels.length / 784])).toEqual([
      [60_000, 60_000],
      [10_000, 10_000],
    ]);
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect(new Set(test.labels).size).toBe(10);
  });

  it('takes other digits in the same format, gzipped or not', async () => {
    const pixels = Uint8Array.from({ length: 2 * 784 }, (_, i) => i % 256);
    await writeFile(join(folder, 't10k-images-idx3-ubyte'), idx([2, 28, 28], pixels));
    await writeFile(join(folder, 't10k-labels-idx1-ubyte.gz'), gzipSync(idx([2], Uint8Array.of(3, 8))));
    const digits = await readDigits('test', folder);
    expect([Buffer.from(digits.pixels), [...digits.labels]]).toEqual([Buffer.from(pixels), [3, 8]]);
  });

  it.each([
    ['are not there', undefined, idx([1], Uint8Array.of(1)), /train-images-idx3-ubyte\[\.gz\] cannot be read/],
    ['are of another size', idx([1, 8, 8], new Uint8Array(64)), idx([1], Uint8Array.of(1)), /n × 28 × 28 bytes/],
    ['are cut off', idx([2, 28, 28], new Uint8Array(784)), idx([2], Uint8Array.of(1, 2)), /n × 28 × 28 bytes/],
    ['have too few labels', idx([2, 28, 28], new Uint8Array(1568)), idx([1], Uint8Array.of(1)), /1 labels do not fit/],
    ['are no digits', idx([1, 28, 28], new Uint8Array(784)), idx([1], Uint8Array.of(10)), /do not fit/],
  ])('refuses files that %s', async (_name, images, labels, message) => {
    if (images) await writeFile(join(folder, 'train-images-idx3-ubyte'), images);
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), labels);
    await expect(readDigits('train', folder)).rejects.toThrow(message);
  });
});
