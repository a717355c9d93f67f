import type { FailureCode } from './errors.ts';
import type { Message } from './scene.ts';

/** A dead letter as it is found in its topic: the message as it came, why it failed, and where both lie. */
export type DeadLetter = {
  /** Its place in the dead-letter topic, `partition@offset`. */
  readonly id: string;
  readonly partition: number;
  readonly offset: string;
  /** Without the headers that tell why it failed. */
  readonly message: Pick<Message, 'key' | 'value' | 'headers'>;
  readonly code: FailureCode;
  readonly reason: string;
  readonly stage: string;
  readonly attempts: number;
  /** RFC 3339. */
  readonly firstFailure: string;
  /** When it was given up, RFC 3339. */
  readonly time: string;
  readonly version: string;
  /** Where the message came from. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: string };
  /** Length of a value that was too long for the dead-letter topic; the original lies at its source. */
  readonly omittedBytes?: number;
};

/** The header of a record, in the topic of dead letters and in the partition of one, that marks it as replayed: its offset. */
export const REPLAYED = 'saccade_replayed';
