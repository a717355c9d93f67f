/**
 * Decides when results may be sent. While the group changes nothing new is, so that all that was sent can be committed
 * before the partitions are given out again; nor is it while the group has not heard of us for a session, since our
 * partitions may by then be somebody else's.
 */
export class SendGate {
  readonly #isStale: () => boolean;
  #open = false;
  #underWay = 0;
  #waiting: (() => void)[] = [];
  #quiet: (() => void)[] = [];

  /** @param isStale whether the group may have given us up */
  constructor(isStale: () => boolean) {
    this.#isStale = isStale;
  }

  /**
   * Runs `send` once the gate is open.
   * @param isOurs asked last before the send: false means that the message has gone to somebody else
   * @returns undefined when it has, and nothing was sent
   */
  pass<T>(isOurs: () => boolean, send: () => Promise<T>): Promise<T | undefined> {
    return isOurs() && this.#lets ? this.#send(send) : this.#wait(isOurs, send);
  }

  /** Lets nothing new pass; resolves when what is under way has ended, well or not. */
  async close(): Promise<void> {
    this.#open = false;
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#quiet.push(resolve));
  }

  open(): void {
    this.#open = true;
    this.wake();
  }

  /** Has those who wait look again: the group has answered, or a partition is lost. */
  wake(): void {
    for (const look of this.#waiting.splice(0)) look();
  }

  get #lets(): boolean {
    return this.#open && !this.#isStale();
  }

  async #wait<T>(isOurs: () => boolean, send: () => Promise<T>): Promise<T | undefined> {
    while (isOurs()) {
      if (this.#lets) return this.#send(send);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return undefined;
  }

  #send<T>(send: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    const left = () => {
      this.#underWay -= 1;
      if (this.#underWay === 0) for (const tell of this.#quiet.splice(0)) tell();
    };
    const sent = send();
    sent.then(left, left);
    return sent;
  }
}
