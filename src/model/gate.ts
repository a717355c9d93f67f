import { setTimeout } from 'node:timers/promises';

/**
 * Keeps count of the threads that have begun and of those that are computing, so that none is ended at the wrong moment.
 * While one loads its modules Node 20 and 22 may take the whole process with it (`v8::Module::IsGraphAsync`), and while
 * it computes so does Dawn, which is what webgpu computes with. All threads share one gate.
 */
export type Gate = Int32Array<SharedArrayBuffer>;

const [SHUT, INSIDE, BEGUN] = [0, 1, 2];
const POLL_MILLISECONDS = 10;
/** A thread that has died while it began is not waited for any longer. */
const PATIENCE_MILLISECONDS = 10_000;

export function openGate(): Gate {
  return new Int32Array(new SharedArrayBuffer(12));
}

/** @throws {Error} once the gate is shut */
export async function within<T>(gate: Gate, work: () => Promise<T>): Promise<T> {
  Atomics.add(gate, INSIDE, 1); // before the question, or it could be shut in between
  try {
    if (Atomics.load(gate, SHUT) === 1) throw new Error('the model is closed');
    return await work();
  } finally {
    Atomics.sub(gate, INSIDE, 1);
  }
}

/** Called once by each thread, when it has loaded all that it needs, or has failed to. */
export function begun(gate: Gate): void {
  Atomics.add(gate, BEGUN, 1);
}

/**
 * Lets nobody in any more, and waits until all threads have begun.
 * @param threads how many there were since the gate was opened
 */
export async function shutGate(gate: Gate, threads: number): Promise<void> {
  Atomics.store(gate, SHUT, 1);
  const end = performance.now() + PATIENCE_MILLISECONDS;
  while (Atomics.load(gate, BEGUN) < threads && performance.now() < end) await setTimeout(POLL_MILLISECONDS);
}

/** Waits until all are out of a gate that is shut. */
export async function emptied(gate: Gate): Promise<void> {
  while (Atomics.load(gate, INSIDE) > 0) await setTimeout(POLL_MILLISECONDS);
}
