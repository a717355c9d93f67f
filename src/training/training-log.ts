import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

/**
 * `training.jsonl`: a line for each step and one for each validation, in order. It is a record for people and plots;
 * what a run needs to go on is in its checkpoint.
 */
const stepSchema = z.object({
  step: z.number().int(),
  loss: z.number(),
  accuracy: z.number(),
  /** Of the attention, in nats. */
  entropy: z.number(),
  learningRate: z.number().optional(),
  seconds: z.number().optional(),
});
const validationSchema = z.object({ step: z.number().int(), validationError: z.number() });
const entrySchema = z.union([stepSchema, validationSchema]);

export type LoggedStep = z.infer<typeof stepSchema>;
export type LoggedValidation = z.infer<typeof validationSchema>;
export type LogEntry = z.infer<typeof entrySchema>;

export function appendLog(file: string, entry: LogEntry): Promise<void> {
  return appendFile(file, `${JSON.stringify(entry)}\n`);
}

/** All entries of the log; a line that was cut off by a crash is left out. None where there is no log. */
export async function readLog(file: string): Promise<LogEntry[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const parsed = entrySchema.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Takes out what was logged after a step: a run that goes on from there logs it again. */
export async function rewindLog(file: string, step: number): Promise<void> {
  const kept = (await readLog(file)).filter((entry) => entry.step <= step);
  await writeFile(file, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
