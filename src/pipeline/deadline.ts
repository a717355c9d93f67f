import { type MonoTypeOperatorFunction, throwError, timeout } from 'rxjs';
import { type FailureCode, SceneError } from '../errors.ts';

/** Ends what takes too long with a failure of this code; whoever was at work is told to stop. */
export function deadline<T>(what: string, seconds: number, code: FailureCode): MonoTypeOperatorFunction<T> {
  const late = () => new SceneError(code, `${what} took longer than ${seconds} s`);
  return timeout({ first: 1000 * seconds, with: () => throwError(late) });
}
