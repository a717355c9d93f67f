import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { appendFile, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
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

/** The entries of the log, one after another; a line that was cut off by a crash is left out. None where there is no log. */
export async function* readLog(file: string): AsyncGenerator<LogEntry> {
  if (!existsSync(file)) return;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const parsed = entrySchema.safeParse(parseJson(line));
    if (parsed.success) yield parsed.data;
  }
}

/** Where a run goes on: after a step, and after its validation too unless that is still to be made. */
export type Place = { readonly step: number; readonly unjudged: boolean };

/** Takes out what was logged after a place: a run that goes on from there logs it again. */
export async function rewindLog(file: string, place: Place): Promise<void> {
  const part = `${file}.part`;
  await pipeline(linesUntil(file, place), createWriteStream(part));
  await rename(part, file);
}

async function* linesUntil(file: string, { step, unjudged }: Place): AsyncGenerator<string> {
  const isBefore = (entry: LogEntry) =>
    entry.step < step || (entry.step === step && !(unjudged && 'validationError' in entry));
  for await (const entry of readLog(file)) if (isBefore(entry)) yield `${JSON.stringify(entry)}\n`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
