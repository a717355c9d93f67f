/** What is known of a host: how its scenes fare in our lanes. */
type Host = {
  underWay: number;
  /** How long a scene of it holds a lane: a moving average; undefined until one was answered or was found to take long. */
  seconds: number | undefined;
  /** When it last finished a scene, or began one with none under way. */
  movedAt: number;
  /** The most under way lately, fading; as it was at `seenAt`. */
  peak: number;
  seenAt: number;
};

/** A host is slower than another whose scenes take a quarter of the time. */
const SLOWER = 4;
/** Shorter scenes keep nobody waiting. */
const SLOW_SECONDS = 0.1;
/** How far a new time moves the average. */
const LATEST = 0.1;
/** What was needed so long ago counts half. */
const FADES_SECONDS = 60;
/** A host that sent nothing for so long needs nothing. */
const FORGOTTEN_SECONDS = 600;
const MAX_HOSTS = 64;

/**
 * Decides whether a scene of a host may begin now, so that no store holds all lanes while others have scenes as well.
 * What quicker hosts have needed at once in the last minute or so is kept free of slower ones, and a quarter of the lanes
 * at least; a quarter is left to the slower ones, whatever the quicker need. A host that has nothing slower or quicker
 * beside it may have all lanes. How slow a host is shows in what its scenes took, and before any has ended in how long
 * nothing has come of it. Knows neither messages nor lanes; has no timers.
 */
export class HostShares {
  readonly #lanes: number;
  readonly #now: () => number;
  /** The one that began a scene longest ago comes first. */
  readonly #hosts = new Map<string, Host>();

  /** @param now in seconds, of a clock that only goes forward */
  constructor(lanes: number, now: () => number) {
    this.#lanes = lanes;
    this.#now = now;
  }

  mayBegin(name: string): boolean {
    if (this.#hosts.size < 2) return true;
    const now = this.#now();
    const host = this.#hosts.get(name);
    const seconds = host === undefined ? 0 : secondsOf(host, now);
    let quicker = 0;
    let need = 0;
    let others = 0;
    for (const other of this.#hosts.values()) {
      if (isQuicker(other, seconds, now)) {
        quicker += 1;
        need += peakOf(other, now);
      } else others += other.underWay;
    }
    if (quicker === 0) return true;
    const quarter = Math.ceil(this.#lanes / 4);
    const kept = Math.min(Math.max(Math.ceil(need), quarter), this.#lanes - quarter);
    return others < Math.max(1, this.#lanes - kept);
  }

  /** A scene of it has a lane. */
  begin(name: string): void {
    const now = this.#now();
    const host = this.#hosts.get(name) ?? { underWay: 0, seconds: undefined, movedAt: now, peak: 0, seenAt: now };
    if (host.underWay === 0) host.movedAt = now;
    host.underWay += 1;
    host.peak = Math.max(peakOf(host, now), host.underWay);
    host.seenAt = now;
    this.#hosts.delete(name);
    this.#hosts.set(name, host);
    this.#forget(now);
  }

  /** The lane is free again. */
  end(name: string): void {
    const host = this.#hosts.get(name);
    if (host === undefined) return;
    host.underWay -= 1;
    host.movedAt = this.#now();
  }

  /** A scene has held its lane so long. One that failed may show that its host is slow, never that it is quick. */
  took(name: string, seconds: number, isAnswered: boolean): void {
    const host = this.#hosts.get(name);
    if (host === undefined || (!isAnswered && seconds <= (host.seconds ?? SLOW_SECONDS))) return;
    host.seconds = host.seconds === undefined ? seconds : host.seconds + LATEST * (seconds - host.seconds);
  }

  underWay(name: string): number {
    return this.#hosts.get(name)?.underWay ?? 0;
  }

  #forget(now: number): void {
    for (const [name, { underWay, seenAt }] of this.#hosts) {
      if (now - seenAt < FORGOTTEN_SECONDS && this.#hosts.size <= MAX_HOSTS) return;
      if (underWay === 0) this.#hosts.delete(name);
    }
  }
}

function secondsOf({ seconds = 0, underWay, movedAt }: Host, now: number): number {
  return Math.max(seconds, underWay > 0 ? now - movedAt : 0);
}

/** Only a host that has answered is quicker than any. */
function isQuicker(host: Host, seconds: number, now: number): boolean {
  return host.seconds !== undefined && seconds > SLOW_SECONDS && SLOWER * secondsOf(host, now) < seconds;
}

function peakOf({ underWay, peak, seenAt }: Host, now: number): number {
  return Math.max(underWay, peak * 0.5 ** ((now - seenAt) / FADES_SECONDS));
}
