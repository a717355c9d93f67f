import type { Outcome } from '../scene.ts';

/** Where outcomes go. */
export type Outcomes = {
  /**
   * Resolves once the outcome is safe where it was sent; slow receivers slow the sender.
   * @throws {SceneError} `output.rejected` when this one is refused; any other error means that none can be sent
   */
  send(outcome: Outcome): Promise<void>;
  /** Why nothing leaves at the moment, if so. */
  trouble(): string | undefined;
  close(): Promise<void>;
};
