import { RecentMap } from './recent-map.ts';

/** What a request costs at a host: a wait, whatever its size, and then time for each byte. */
export type Pace = { readonly waitSeconds: number; readonly bytesPerSecond: number };

/** The pace of each host, learned from the reads that were made of it. */
export type HostPaces = {
  /** Undefined until both a wait and a rate were seen, and of hosts that hardly make wait: there is nothing to gain. */
  of(host: string): Pace | undefined;
  /** A read took so long, from being sent to its last byte. */
  note(host: string, bytes: number, seconds: number): void;
};

type Learned = { waitSeconds: number | undefined; bytesPerSecond: number | undefined };

const MAX_HOSTS = 1024;
/** A shorter read is nothing but waiting; a longer one tells of the rate as well. */
const SHORT_BYTES = 64 * 1024;
/** Within a machine or a room; the same reads are made of such a host each time, so that events of a replay are the same. */
const NEAR_SECONDS = 0.005;
/** How far a new sample moves an estimate; faster ones count more, since nothing but the host makes a read fast. */
const FASTER = 0.5;
const SLOWER = 0.1;

export function hostPaces(): HostPaces {
  const hosts = new RecentMap<Learned>(MAX_HOSTS);
  return {
    of(host) {
      const { waitSeconds, bytesPerSecond } = hosts.get(host) ?? {};
      if (waitSeconds === undefined || bytesPerSecond === undefined || waitSeconds < NEAR_SECONDS) return undefined;
      return { waitSeconds, bytesPerSecond };
    },
    note(host, bytes, seconds) {
      const known = hosts.get(host) ?? { waitSeconds: undefined, bytesPerSecond: undefined };
      if (bytes < SHORT_BYTES) known.waitSeconds = moved(known.waitSeconds, seconds, -1);
      else {
        // Whatever the wait was, it was no more than a tenth less than the whole.
        const transfer = Math.max(seconds - (known.waitSeconds ?? 0), seconds / 10);
        known.bytesPerSecond = moved(known.bytesPerSecond, bytes / Math.max(transfer, 1e-6), 1);
      }
      hosts.set(host, known);
    },
  };
}

/** @param better 1 where more is faster, −1 where less is */
function moved(known: number | undefined, sample: number, better: 1 | -1): number {
  if (known === undefined) return sample;
  return known + (sample - known) * ((sample - known) * better > 0 ? FASTER : SLOWER);
}
