import type { Delivery } from '../../scene.ts';

/** Where messages come from, one at a time and only when asked for. */
export type MessageSource = AsyncIterable<Delivery> & {
  /** Hands out nothing more. What was handed out can still be finished and settled. */
  end(): void;
  /** Keeps how far the work has come, and lets go of the source. To be called once. */
  close(): Promise<void>;
};
