import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parts } from '../setup/parts.ts';

type Line = {
  readonly row: number;
  readonly holds: boolean;
  readonly broken: readonly string[];
  readonly lost: number;
};

const ROWS = [1, 2, 4, 7, 11];

/** The short run: lines of the table that fit into minutes, on few messages; times are not judged on a busy machine. */
describe.skipIf(!parts.kafka)('npm run chaos, needs kafka', () => {
  it('loses nothing, repeats no more than is allowed, and goes on, whatever dies', async () => {
    const args = ['--only', ROWS.join(), '--messages', '240', '--rate', '12', '--counts', '--json'];
    const { error, stdout } = await new Promise<{ error: Error | null; stdout: string }>((resolve) => {
      const command = ['run', '-s', 'chaos', '--', ...args];
      execFile('npm', command, { timeout: 580_000 }, (error, stdout) => resolve({ error, stdout }));
    });
    const lines: Line[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ row, broken, lost }) => [row, lost, broken])).toEqual(ROWS.map((row) => [row, 0, []]));
    expect(error).toBeNull();
  }, 600_000);
});
