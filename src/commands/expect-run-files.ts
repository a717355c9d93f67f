import { expectApart, expectReadable, expectWritable } from './expect-file.ts';
import { together } from './together.ts';

/** Files by path, `-` for the standard streams. */
export type RunFiles = { readonly input?: string; readonly output?: string; readonly deadLetters?: string };

/**
 * Checks the files of `saccade run` before any is opened: to open those that are written empties them.
 * @throws {UsageError} with every mistake at once
 */
export async function expectRunFiles(
  { input = '-', output = '-', deadLetters = '-' }: RunFiles,
  { fromKafka, toKafka }: { readonly fromKafka: boolean; readonly toKafka: boolean },
): Promise<void> {
  const read = fromKafka ? [] : [input].filter(isPath);
  const written = toKafka ? [] : [output, deadLetters].filter(isPath);
  await together(...read.map(expectReadable), ...written.map(expectWritable), expectApart([...read, ...written]));
}

export function isPath(file: string): boolean {
  return file !== '-';
}
