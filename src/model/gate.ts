import { setTimeout } from 'node:timers/promises';

/**
 * Keeps count of the threads that are computing, so that none is ended while it does: Dawn, which webgpu computes with,
 * would take the whole process with it. All threads share one gate.
 */
export type Gate = Int32Array<SharedArrayBuffer>;

const [SHUT, INSIDE] = [0, 1];
const POLL_MILLISECONDS = 10;

export function openGate(): Gate {
  return new Int32Array(new SharedArrayBuffer(8));
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

/** Lets nobody in any more, and waits until all are out. */
export async function shutGate(gate: Gate): Promise<void> {
  Atomics.store(gate, SHUT, 1);
  while (Atomics.load(gate, INSIDE) > 0) await setTimeout(POLL_MILLISECONDS);
}
