import { z } from 'zod';
import { type DeadLetter, REPLAYED } from '../../dead-letters.ts';
import { type FailureCode, failures } from '../../errors.ts';
import type { Message } from '../../scene.ts';

/** A record of the topic of dead letters. */
export type LetterRecord = Pick<Message, 'key' | 'value' | 'headers'> & {
  readonly partition: number;
  readonly offset: string;
};

/** What it is: a letter, the mark that one was replayed (by the letter's id), or nothing of ours. */
export type FoundRecord = { readonly letter: DeadLetter } | { readonly replayed: string } | undefined;

const codes = Object.keys(failures) as [FailureCode, ...FailureCode[]]; // the keys of a constant
const whole = z.string().regex(/^\d+$/);
const headersOfLetter = z.object({
  saccade_code: z.enum(codes),
  saccade_reason: z.string(),
  saccade_stage: z.string(),
  saccade_attempts: whole.transform(Number),
  saccade_first_failure: z.iso.datetime().optional(),
  saccade_time: z.iso.datetime(),
  saccade_version: z.string(),
  saccade_topic: z.string(),
  saccade_partition: whole.transform(Number),
  saccade_offset: whole,
  saccade_omitted_bytes: whole.transform(Number).optional(),
});
/** Headers of ours that are not the message's own. */
const ours: ReadonlySet<string> = new Set([
  ...Object.keys(headersOfLetter.shape),
  'saccade_origin',
  'saccade_not_before',
  'saccade_retry_steps',
  'saccade_timestamp',
]);

/** Reads a record of the topic of dead letters, which may also hold what others have put there. */
export function readLetterRecord({ partition, offset, key, value, headers }: LetterRecord): FoundRecord {
  const texts = Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, textOf(header)]));
  const marked = whole.safeParse(texts[REPLAYED]);
  if (marked.success) return { replayed: `${partition}@${marked.data}` };
  const found = headersOfLetter.safeParse(texts);
  if (!found.success) return undefined;
  const h = found.data;
  const original = Object.fromEntries(Object.entries(headers).filter(([name]) => !ours.has(name)));
  return {
    letter: {
      id: `${partition}@${offset}`,
      ...{ partition, offset, message: { key, value, headers: original } },
      ...{ code: h.saccade_code, reason: h.saccade_reason, stage: h.saccade_stage, attempts: h.saccade_attempts },
      ...{ firstFailure: h.saccade_first_failure ?? h.saccade_time, time: h.saccade_time, version: h.saccade_version },
      source: { topic: h.saccade_topic, partition: h.saccade_partition, offset: h.saccade_offset },
      ...(h.saccade_omitted_bytes !== undefined && { omittedBytes: h.saccade_omitted_bytes }),
    },
  };
}

function textOf(header: Message['headers'][string]): string | undefined {
  const last = Array.isArray(header) ? header.at(-1) : header;
  return last === undefined ? undefined : String(last);
}
