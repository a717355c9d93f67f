import { SceneError } from '../errors.ts';

export type CircuitSettings = {
  /** Tries in a row that found a host unreachable, after which it counts as down. */
  readonly failures: number;
  /** Longest time between two probes of a host that is down; the first comes after a second, each later one after double. */
  readonly probeSeconds: number;
};

export type CircuitParts = {
  /** In seconds, of a clock that only goes forward. */
  readonly now: () => number;
  /** Told when a host has gone down, and when it is back. */
  readonly changed: (host: string, isDown: boolean) => void;
};

/** Leave to try a host. Exactly one of these is called, once. */
export type Pass = {
  answered(): void;
  /** @param askedSeconds the pause that the host asked for */
  unreachable(askedSeconds?: number): void;
  /** The try was given up, and says nothing of the host. */
  abandoned(): void;
};

type Host = { failures: number; down: boolean; probing: boolean; nextProbe: number; pause: number };

const FIRST_PAUSE_SECONDS = 1;
/** Names of hosts that will never be asked for again come in messages too: the one that was in trouble first is forgotten. */
const MOST_HOSTS = 1000;
/** No host is left alone for longer, whatever it asks for. */
const MOST_ASKED_SECONDS = 3600;

/**
 * Decides whether a host is worth a try. One that was unreachable several times in a row is down: all tries but one at a
 * time fail at once, without holding a lane for a deadline, and that one is the probe; it comes no sooner than the host
 * has asked for. Only hosts in trouble are remembered, and of those the latest thousand.
 */
export class Circuits {
  readonly #settings: CircuitSettings;
  readonly #parts: CircuitParts;
  readonly #hosts = new Map<string, Host>();

  constructor(settings: CircuitSettings, parts: CircuitParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Hosts that are down. */
  get down(): number {
    return [...this.#hosts.values()].filter(({ down }) => down).length;
  }

  /** @throws {HostDown} at once, for a host that is down and not to be probed now */
  enter(name: string): Pass {
    const host = this.#hosts.get(name);
    const isProbe = host?.down === true;
    if (isProbe) {
      const seconds = host.nextProbe - this.#parts.now();
      if (host.probing || seconds > 0) throw new HostDown(name, host.probing ? 0 : seconds);
      host.probing = true;
    }
    return {
      answered: () => this.#answered(name),
      unreachable: (asked) => this.#unreachable(name, isProbe, asked),
      abandoned: () => {
        if (isProbe) host.probing = false;
      },
    };
  }

  /** Any answer, a late one of a try that began before the host went down too, shows that it is up. */
  #answered(name: string): void {
    const host = this.#hosts.get(name);
    this.#hosts.delete(name);
    if (host?.down) this.#parts.changed(name, false);
  }

  #unreachable(name: string, wasProbe: boolean, asked = 0): void {
    const before = this.#hosts.get(name);
    const host = before ?? { failures: 0, down: false, probing: false, nextProbe: 0, pause: FIRST_PAUSE_SECONDS };
    this.#hosts.delete(name); // to stand last
    this.#hosts.set(name, host);
    if (this.#hosts.size > MOST_HOSTS) this.#forgetFirst();
    host.failures += 1;
    if (wasProbe) {
      host.probing = false;
      host.pause = Math.min(2 * host.pause, this.#settings.probeSeconds);
    }
    const falls = !host.down && host.failures >= this.#settings.failures;
    const pause = Math.max(Math.min(host.pause, this.#settings.probeSeconds), Math.min(asked, MOST_ASKED_SECONDS));
    if (falls || wasProbe) host.nextProbe = this.#parts.now() + pause;
    if (!falls) return;
    host.down = true;
    this.#parts.changed(name, true);
  }

  #forgetFirst(): void {
    const [first] = this.#hosts.keys();
    if (first !== undefined) this.#hosts.delete(first);
  }
}

/** Fails a try without making it: the host is known to be down. */
export class HostDown extends SceneError {
  constructor(host: string, seconds: number) {
    const next = seconds > 0 ? `the next probe is due in ${seconds.toFixed(1)} s` : 'a probe is under way';
    super('source.unreachable', `${host} is down: ${next}`);
  }
}
