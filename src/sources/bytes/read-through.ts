import type { ByteSource } from './byte-source.ts';

/** The same file, with every read of it made in another way. */
export function readThrough(
  source: ByteSource,
  read: ByteSource['read'],
  pace: () => ByteSource['pace'] = () => source.pace,
): ByteSource {
  return {
    href: source.href,
    get identity() {
      return source.identity;
    },
    get pace() {
      return pace();
    },
    ...(source.expect && { expect: (identity) => source.expect?.(identity) }),
    read,
  };
}
