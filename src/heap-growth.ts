import { setFlagsFromString } from 'node:v8';

/** V8's own for a heap whose owner never rests: what lives, and three times as much again. */
const GROWTH_PERCENT = 300;

/**
 * Let V8's heap grow as much before it is collected whole when the process mostly waits as when it is busy. V8 gives
 * one that waits 8 MB, and counts what lies outside its heap as well: a scene's bytes and pixels, 10 MB. A service to
 * which scenes come one by one would go through all of its heap at every one, some 30 ms of processor time.
 *
 * For the whole process, so for programs to call, not for libraries.
 */
export function growHeapFreely(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
