import { appendFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendLog, type LogEntry, readLog, rewindLog } from '../../src/training/training-log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-log-'));
});
afterAll(() => rm(folder, { recursive: true }));

const step = (n: number) => ({ step: n, loss: 1 / n, accuracy: 0.5, entropy: 2 });

async function entriesOf(file: string): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of readLog(file)) entries.push(entry);
  return entries;
}

describe('rewindLog', () => {
  it('takes out what came after a step, and a line that was cut off', async () => {
    const file = join(folder, 'training.jsonl');
    for (const n of [1, 2, 3, 4]) await appendLog(file, step(n));
    await appendLog(file, { step: 2, validationError: 0.25 });
    await appendFile(file, '{"step":5,"lo');
    await rewindLog(file, { step: 2, unjudged: false });
    expect(await entriesOf(file)).toEqual([step(1), step(2), { step: 2, validationError: 0.25 }]);
    expect(await readFile(file, 'utf8')).toMatch(/\}\n$/);
  });

  it('takes out the validation of a step that is to be validated again, and no earlier one', async () => {
    const file = join(folder, 'unjudged.jsonl');
    const validation = (n: number) => ({ step: n, validationError: 0.25 });
    for (const entry of [step(1), validation(1), step(2), validation(2)]) await appendLog(file, entry);
    await rewindLog(file, { step: 2, unjudged: true });
    expect(await entriesOf(file)).toEqual([step(1), validation(1), step(2)]);
  });

  it('makes an empty log where there was none', async () => {
    const file = join(folder, 'none.jsonl');
    await rewindLog(file, { step: 0, unjudged: false });
    expect(await entriesOf(file)).toEqual([]);
  });

  it('fails where there is no room for what is left, and leaves the log as it was', async () => {
    const file = join(folder, 'long.jsonl');
    await writeFile(file, `${JSON.stringify(step(1))}\n`.repeat(5000)); // more than a stream writes at once
    await symlink('/dev/full', `${file}.part`);
    await expect(rewindLog(file, { step: 1, unjudged: false })).rejects.toThrow('ENOSPC');
    expect(await entriesOf(file)).toHaveLength(5000);
  });
});
