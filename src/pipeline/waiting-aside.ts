import type { Delivery } from '../scene.ts';

export type Waiting = { readonly host: string; readonly delivery: Delivery };

/** Deliveries that wait without a lane, those of a host in their order. What has gone to somebody else is forgotten. */
export class WaitingAside {
  readonly #byHost = new Map<string, Delivery[]>();

  get size(): number {
    let count = 0;
    for (const { length } of this.#byHost.values()) count += length;
    return count;
  }

  add({ host, delivery }: Waiting): void {
    this.#keep(host, [...(this.#byHost.get(host) ?? []), delivery]);
    delivery.aside?.(true);
  }

  /** The first of the host that may begin and has the fewest under way. */
  take(mayBegin: (host: string) => boolean, underWay: (host: string) => number): Waiting | undefined {
    for (const [host, waiting] of this.#byHost) this.#keep(host, waiting.filter(isOurs));
    const hosts = [...this.#byHost.keys()].filter(mayBegin);
    const [host] = hosts.sort((a, b) => underWay(a) - underWay(b));
    if (host === undefined) return undefined;
    const [delivery, ...rest] = this.#byHost.get(host) ?? [];
    this.#keep(host, rest);
    delivery?.aside?.(false);
    return delivery && { host, delivery };
  }

  /** Forgets all: it will come again. */
  clear(): void {
    this.#byHost.clear();
  }

  #keep(host: string, waiting: Delivery[]): void {
    if (waiting.length > 0) this.#byHost.set(host, waiting);
    else this.#byHost.delete(host);
  }
}

export function isOurs({ lost }: Delivery): boolean {
  return lost?.aborted !== true;
}
