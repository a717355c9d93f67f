import type { Failure, Message, Postponed } from '../scene.ts';

/**
 * Writes a failed message as a dead letter: the original key, value and headers untouched, and in headers of its own
 * why it failed, where, and where it came from. Repairing the cause and sending the record again is all it takes.
 */
export type DeadLetterSettings = {
  /** Of Saccade. */
  readonly version: string;
  readonly time: Date;
};

const MAX_REASON_BYTES = 1024;

export function deadLetterHeaders(
  { kafka, origin }: Message,
  { code, reason, stage, attempts, firstFailure }: Failure,
  { version, time }: DeadLetterSettings,
): Record<string, string> {
  return {
    saccade_code: code,
    saccade_reason: cut(reason, MAX_REASON_BYTES),
    saccade_stage: stage,
    saccade_attempts: String(attempts),
    saccade_first_failure: firstFailure ?? time.toISOString(),
    saccade_origin: origin,
    saccade_version: version,
    saccade_time: time.toISOString(),
    ...(kafka && {
      saccade_topic: kafka.topic,
      saccade_partition: String(kafka.partition),
      saccade_offset: kafka.offset,
    }),
  };
}

/** Headers of a message that is put off: why, as in a dead letter, when it is due, and the time that it came with. */
export function postponedHeaders(
  { message, failure, steps, notBefore }: Postponed,
  settings: DeadLetterSettings,
): Record<string, string> {
  return {
    ...deadLetterHeaders(message, failure, settings),
    saccade_retry_steps: String(steps),
    saccade_not_before: String(notBefore),
    ...(message.kafka && { saccade_timestamp: String(message.kafka.timestamp) }),
  };
}

/** The form for a line of JSON; bytes that are no text are given in base64. */
export function deadLetterLine(message: Message, failure: Failure, settings: DeadLetterSettings): string {
  const { value } = message;
  const text = value?.toString('utf8') ?? null;
  const isText = value === null || Buffer.from(text ?? '').equals(value);
  const original = isText ? { value: text } : { value_base64: value.toString('base64') };
  return JSON.stringify({ ...deadLetterHeaders(message, failure, settings), ...original });
}

/** Cut to so many bytes of UTF-8, never inside a character. */
function cut(text: string, bytes: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}
