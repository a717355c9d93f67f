import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../errors.ts';
import type { Backend } from './model.ts';

export type WantedBackend = Backend | 'auto';

const require = createRequire(import.meta.url);

/**
 * Makes a backend the one that computes in this thread. `auto` takes native TensorFlow where its library is, else wasm;
 * a backend that was asked for and is missing is an error, never a silent fallback.
 * @throws {UsageError} naming the set-up script that would bring it
 */
export async function useBackend(wanted: WantedBackend): Promise<Backend> {
  if (wanted === 'auto') return startTensorflow() === undefined ? use('tensorflow') : use('wasm');
  if (wanted === 'tensorflow') {
    const reason = startTensorflow();
    if (reason !== undefined) {
      throw new UsageError([
        `backend tensorflow is not installed here (${reason}); run ops/setup/tensorflow.sh, or use wasm`,
      ]);
    }
  }
  return use(wanted);
}

async function use(backend: Backend): Promise<Backend> {
  if (backend === 'wasm') setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  if (backend === 'cpu') require('@tensorflow/tfjs-backend-cpu');
  if (!(await tf.setBackend(backend))) throw new UsageError([`backend ${backend} does not start on this machine`]);
  await tf.ready();
  return backend;
}

/** Loads the native library, which registers itself with tfjs; why it could not, if so. */
function startTensorflow(): string | undefined {
  restoreRemovedUtilities();
  try {
    require('@tensorflow/tfjs-node-gpu');
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
  }
}

/** tfjs-node 4.22 calls two functions that Node 23 removed. */
function restoreRemovedUtilities(): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, replacement] of Object.entries(removed)) {
    if (!(name in util)) Object.assign(util, { [name]: replacement });
  }
}
