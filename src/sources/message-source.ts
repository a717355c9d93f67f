import type { Delivery } from '../scene.ts';

/** Where messages come from, one at a time and only when asked for. */
export type MessageSource = AsyncIterable<Delivery> & {
  /**
   * Hands out nothing more, waits until what was handed out is settled (no longer than this many seconds), keeps how
   * far the work has come, and lets go of the source.
   */
  close(drainSeconds: number): Promise<void>;
};
