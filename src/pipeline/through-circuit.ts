import { defer, finalize, type MonoTypeOperatorFunction, tap } from 'rxjs';
import { failureCode } from '../errors.ts';
import type { Circuits } from './circuits.ts';
import { askedSeconds } from './retry-transient.ts';

/**
 * Tries a scene only while its host is worth a try, and tells what the try found.
 * @param host none for what lies on no host, such as a file
 */
export function throughCircuit<T>(
  circuits: Circuits | undefined,
  host: string | undefined,
): MonoTypeOperatorFunction<T> {
  if (circuits === undefined || host === undefined) return (source) => source;
  return (source) =>
    defer(() => {
      const pass = circuits.enter(host);
      let leave: (() => void) | undefined = pass.abandoned;
      const end = (tell: () => void) => {
        leave = undefined;
        tell();
      };
      return source.pipe(
        tap({
          next: () => end(pass.answered),
          error: (error: unknown) =>
            end(
              failureCode(error) === 'source.unreachable' ? () => pass.unreachable(askedSeconds(error)) : pass.answered,
            ),
        }),
        finalize(() => leave?.()),
      );
    });
}

/** The host that an address names, with its port. */
export function hostOf(href: string): string | undefined {
  return URL.canParse(href) ? new URL(href).host || undefined : undefined;
}
