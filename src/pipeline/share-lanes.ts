import { SceneError } from '../errors.ts';
import type { Delivery, Message, Outcome, Scene } from '../scene.ts';
import type { HostShares } from './host-shares.ts';
import { hostOf } from './through-circuit.ts';
import { isOurs, type Waiting, WaitingAside } from './waiting-aside.ts';

export type ShareParts = {
  readonly shares: HostShares;
  /** @throws {SceneError} `message.malformed` */
  readonly parse: (message: Message) => Scene;
  /** Whether a message whose failure may pass can wait in a retry topic. */
  readonly canPutOff: (message: Message) => boolean;
  /** Once it is aborted, what has not begun is left where it was. */
  readonly signal: AbortSignal;
};

export type ShareSettings = {
  readonly lanes: number;
  /** Messages that may wait aside. */
  readonly aside: number;
};

type Lane = { resolve(result: IteratorResult<Delivery, undefined>): void; reject(error: unknown): void };

/**
 * Hands deliveries to lanes, so that no store holds all lanes: a scene whose host has its share waits aside, without a
 * lane, and what comes after it goes on. Room aside is bounded. When it is full, a scene that can wait in a retry topic
 * is told to (its parsing fails), and else nothing more is taken until there is room.
 */
export class SharedLanes implements AsyncIterableIterator<Delivery, undefined> {
  readonly #source: AsyncIterator<Delivery>;
  readonly #parts: ShareParts;
  readonly #settings: ShareSettings;
  readonly #lanes: Lane[] = [];
  /** Taken for a lane that has been given something else meanwhile; no more than there are lanes. */
  readonly #ready: Delivery[] = [];
  readonly #aside = new WaitingAside();
  readonly #begun = new Set<Waiting>();
  readonly #parsed = new WeakMap<Message, Scene | SceneError>();
  #fetching = 0;
  #end: { readonly error?: unknown } | undefined;

  constructor(source: AsyncIterable<Delivery>, parts: ShareParts, settings: ShareSettings) {
    this.#source = source[Symbol.asyncIterator]();
    this.#parts = parts;
    this.#settings = settings;
    parts.signal.addEventListener('abort', () => this.#letGo(), { once: true });
  }

  /** Messages that wait aside. */
  get aside(): number {
    return this.#aside.size;
  }

  /** @throws {SceneError} `message.malformed`; `source.unreachable` for a scene that has no room to wait in */
  parse(message: Message): Scene {
    const parsed = this.#parsed.get(message) ?? this.#parts.parse(message);
    this.#parsed.delete(message);
    if (parsed instanceof SceneError) throw parsed;
    return parsed;
  }

  /** An outcome was sent, after so long in a lane. */
  sent({ kind, message }: Outcome, seconds: number): void {
    for (const { host, delivery } of this.#begun)
      if (delivery.message === message) this.#parts.shares.took(host, seconds, kind === 'classified');
  }

  next(): Promise<IteratorResult<Delivery, undefined>> {
    return new Promise((resolve, reject) => {
      this.#lanes.push({ resolve, reject });
      this.#serve();
    });
  }

  async return(): Promise<IteratorResult<Delivery, undefined>> {
    this.#letGo();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #serve(): void {
    for (const lane of this.#lanes.splice(0)) {
      const value = this.#ready.shift() ?? this.#fromAside();
      if (value !== undefined) lane.resolve({ done: false, value });
      else this.#lanes.push(lane);
    }
    if (this.#end === undefined) while (this.#fetching < this.#lanes.length && this.#hasRoom()) this.#fetch();
    else if (this.#aside.size === 0) this.#tellEnd(this.#end);
  }

  /** What is on its way when the room is full finds a place still; what can leave for a retry topic needs none. */
  #hasRoom(): boolean {
    return this.aside + this.#fetching < this.#settings.aside + this.#settings.lanes;
  }

  #fetch(): void {
    this.#fetching += 1;
    const come = (next: IteratorResult<Delivery>) => {
      this.#fetching -= 1;
      if (next.done) this.#end ??= {};
      else this.#sort(next.value);
      this.#serve();
    };
    this.#source.next().then(come, (error: unknown) => {
      this.#fetching -= 1;
      this.#end = { error };
      this.#letGo();
    });
  }

  #sort(delivery: Delivery): void {
    const { shares, canPutOff, signal } = this.#parts;
    const host = this.#hostOf(delivery.message);
    if (host === undefined) return void this.#ready.push(delivery);
    if (this.#mayBegin(host)) return void this.#ready.push(this.#begin({ host, delivery }));
    if (this.aside >= this.#settings.aside && canPutOff(delivery.message)) {
      const crowded = `${shares.underWay(host)} scenes of ${host} are being worked on, and ${this.aside} wait: no room`;
      this.#parsed.set(delivery.message, new SceneError('source.unreachable', crowded));
      return void this.#ready.push(delivery);
    }
    if (!signal.aborted) this.#aside.add({ host, delivery });
  }

  /** None for what lies on no host or is no scene, which needs no store. */
  #hostOf(message: Message): string | undefined {
    try {
      const scene = this.#parts.parse(message);
      this.#parsed.set(message, scene);
      return hostOf(scene.href);
    } catch {
      return undefined; // told when it is parsed in its lane
    }
  }

  #fromAside(): Delivery | undefined {
    const { shares } = this.#parts;
    const next = this.#aside.take(
      (host) => this.#mayBegin(host),
      (host) => shares.underWay(host),
    );
    return next && this.#begin(next);
  }

  #mayBegin(host: string): boolean {
    const { shares } = this.#parts;
    if (shares.mayBegin(host)) return true;
    this.#forgetLost();
    return shares.mayBegin(host);
  }

  /** Work on what has gone to somebody else has ended without a word. */
  #forgetLost(): void {
    for (const begun of this.#begun) if (!isOurs(begun.delivery)) this.#release(begun);
  }

  #begin(begun: Waiting): Delivery {
    const { host, delivery } = begun;
    if (this.#begun.size >= this.#settings.lanes) this.#forgetLost();
    this.#begun.add(begun);
    this.#parts.shares.begin(host);
    return {
      message: delivery.message,
      ...(delivery.lost && { lost: delivery.lost }),
      ...(delivery.taken && { taken: delivery.taken }),
      settle: (send) => delivery.settle(send).finally(() => setImmediate(() => this.#over(begun))),
    };
  }

  #over(begun: Waiting): void {
    this.#release(begun);
    if (this.#aside.size > 0) this.#serve();
  }

  #release(begun: Waiting): void {
    if (this.#begun.delete(begun)) this.#parts.shares.end(begun.host);
  }

  /** What waits aside has not begun: it will come again. */
  #letGo(): void {
    this.#aside.clear();
    this.#serve();
  }

  #tellEnd(end: { readonly error?: unknown }): void {
    for (const lane of this.#lanes.splice(0)) {
      if ('error' in end) lane.reject(end.error);
      else lane.resolve({ done: true, value: undefined });
    }
  }
}
