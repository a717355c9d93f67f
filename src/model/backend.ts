import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../errors.ts';
import { fastestBackend } from './fastest-backend.ts';
import type { Backend } from './model.ts';
import { startWebgpu } from './webgpu.ts';
import { findAdapter, mayHaveGpu } from './webgpu-adapter.ts';

export type WantedBackend = Backend | 'auto';

const require = createRequire(import.meta.url);

/**
 * Makes a backend the one that computes in this thread; `auto` takes the fastest that is here. One that was asked for and
 * is missing is an error, never a silent fallback.
 * @throws {UsageError} saying what would bring it
 */
export async function useBackend(wanted: WantedBackend): Promise<Backend> {
  if (wanted === 'auto') return use(await fastestBackend({ startTensorflow, mayHaveGpu, findAdapter }));
  const missing = await whatIsMissing(wanted);
  if (missing !== undefined) throw new UsageError([missing]);
  return use(wanted);
}

async function whatIsMissing(wanted: Backend): Promise<string | undefined> {
  if (wanted === 'tensorflow') {
    const reason = startTensorflow();
    if (reason === undefined) return undefined;
    return `backend tensorflow is not installed here (${reason}); run ops/setup/tensorflow.sh, or use wasm`;
  }
  if (wanted !== 'webgpu') return undefined;
  const adapter = await findAdapter();
  if (!('missing' in adapter)) return undefined;
  return `backend webgpu finds no GPU here (${adapter.missing}); ${adapter.fix}, or use wasm`;
}

async function use(backend: Backend): Promise<Backend> {
  if (backend === 'webgpu') await startWebgpu();
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

/** tfjs-node 4.22 calls two functions that Node 22 warns of and Node 23 removed. */
function restoreRemovedUtilities(): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  Object.assign(util, removed);
}
