import type { Delivery, Outcome } from '../scene.ts';

/** Where outcomes go. */
export type Outcomes = {
  /**
   * Resolves once the outcome is safe where it was sent; slow receivers slow the sender, and one that takes nothing for
   * a while is waited for.
   * @param delivery that it answers: it says when the outcome is no longer to be sent, and what is committed with it
   * @throws {SceneError} `output.rejected` when this one is refused; any other error means that none can be sent
   */
  send(outcome: Outcome, delivery?: Pick<Delivery, 'lost' | 'taken'>): Promise<void>;
  /** Why nothing leaves at the moment, if so. */
  trouble(): string | undefined;
  /** Has a listener told when outcomes begin to find no way out, and when they find one again. */
  watch(listener: (isBlocked: boolean) => void): void;
  close(): Promise<void>;
};
