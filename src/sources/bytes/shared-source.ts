import type { ByteSource } from './byte-source.ts';
import type { HostLanes } from './host-lanes.ts';
import type { HostPaces } from './host-paces.ts';
import { readThrough } from './read-through.ts';

/** What all readers of a host share. */
export type HostTraffic = { readonly lanes: HostLanes; readonly paces: HostPaces };

/**
 * A source whose reads wait for a lane of its host, and tell how fast that host is. The source's own deadline begins when
 * it has the lane: a busy host is not a slow one.
 * @param now in milliseconds
 */
export function sharedSource(
  source: ByteSource,
  { lanes, paces }: HostTraffic,
  now: () => number = () => performance.now(),
): ByteSource {
  const { host } = new URL(source.href);
  const pace = () => (host === '' ? undefined : paces.of(host)); // a file has no host
  const read: ByteSource['read'] = async (range, signal, arrived) => {
    const leave = await lanes.enter(host, signal);
    const start = now();
    try {
      const bytes = await source.read(range, signal, arrived);
      paces.note(host, bytes.length, (now() - start) / 1000);
      return bytes;
    } finally {
      leave();
    }
  };
  return readThrough(source, read, pace);
}
