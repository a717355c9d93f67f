/**
 * What can go wrong with a scene, as one closed table. A code is at once the reason in a dead letter, the label of a
 * metric and the retry rule: nothing else in Saccade decides whether a failure is worth another try.
 */
export const failures = {
  'message.malformed': { transient: false, meaning: 'the message is not JSON, or JSON of no known shape' },
  'source.missing': { transient: false, meaning: 'the file does not exist (404)' },
  'source.forbidden': { transient: false, meaning: 'the server does not let us read the file (401, 403)' },
  'source.refused': { transient: false, meaning: 'our own guard does not read from this address or folder' },
  'source.unreachable': { transient: true, meaning: 'no usable answer in time: refused, reset, timed out, 429 or 5xx' },
  'source.protocol': { transient: false, meaning: 'the server breaks HTTP ranges' },
  'source.changed': { transient: true, meaning: 'the file was replaced while it was being read' },
  'cog.invalid': { transient: false, meaning: 'not a TIFF, truncated, or contradicting itself' },
  'cog.unsupported': { transient: false, meaning: 'a valid TIFF with a codec or layout that we do not read' },
  'scene.unsuitable': {
    transient: false,
    meaning: 'bands, samples, size or resolution are not what the model was trained on',
  },
  'budget.exceeded': { transient: false, meaning: 'the scene would cost more bytes, requests or time than allowed' },
  'output.rejected': { transient: false, meaning: 'the output topic refuses the event' },
  internal: { transient: false, meaning: 'a bug in Saccade' },
} as const satisfies Record<string, { transient: boolean; meaning: string }>;

export type FailureCode = keyof typeof failures;

/** A scene cannot be classified. The message carries the numbers: what was wanted, where, and what came instead. */
export class SceneError extends Error {
  readonly code: FailureCode;
  /** The pause that whoever failed asked for. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: FailureCode,
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'SceneError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The command was started wrongly (exit code 2): every mistake at once, each one clear line with the fix. */
export class UsageError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'UsageError';
    this.mistakes = mistakes;
  }
}

/** Total: an error of unknown origin is a bug, and is counted as one. */
export function failureCode(error: unknown): FailureCode {
  return error instanceof SceneError ? error.code : 'internal';
}

/** Total: an error of unknown origin is never retried. */
export function isTransient(error: unknown): boolean {
  return failures[failureCode(error)].transient;
}
