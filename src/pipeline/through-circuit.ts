import { failureCode } from '../errors.ts';
import type { Circuits } from './circuits.ts';
import { askedSeconds } from './pause-before-retry.ts';

/**
 * Tries a scene only while its host is worth a try, and tells what the try found. A try that is given up says nothing.
 * @param host none for what lies on no host, such as a file
 * @throws {HostDown} without a try
 */
export async function throughCircuit<T>(
  { circuits, host }: { readonly circuits: Circuits; readonly host: string | undefined },
  attempt: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (host === undefined) return attempt(signal);
  signal.throwIfAborted(); // nobody would tell the pass that it is over
  const pass = circuits.enter(host);
  signal.addEventListener('abort', pass.abandoned, { once: true });
  const tell = (found: () => void) => {
    signal.removeEventListener('abort', pass.abandoned);
    if (!signal.aborted) found();
  };
  try {
    const result = await attempt(signal);
    tell(pass.answered);
    return result;
  } catch (error) {
    const isAway = failureCode(error) === 'source.unreachable';
    tell(isAway ? () => pass.unreachable(askedSeconds(error)) : pass.answered);
    throw error;
  }
}

/** The host that an address names, with its port. */
export function hostOf(href: string): string | undefined {
  try {
    return new URL(href).host || undefined;
  } catch {
    return undefined;
  }
}
