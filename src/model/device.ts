import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { graphicsCards } from './graphics-cards.ts';
import type { Backend } from './model.ts';
import { webgpuAdapter } from './webgpu.ts';

/** What computes in this thread. */
export type Device = {
  readonly kind: 'gpu' | 'cpu';
  /** Of the card, the processor or webgpu's driver for the processor; several cards by all their names. */
  readonly name: string;
  /** What native TensorFlow was built for; null for the other backends. */
  readonly build: 'cuda' | 'cpu' | null;
  /** In use and in all on the card that computes, bytes; null without one, or where it cannot be told. */
  readonly gpuMemory: { readonly used: number; readonly total: number } | null;
};

const require = createRequire(import.meta.url);

/** @param backend that `useBackend` has made the one that computes in this thread */
export async function device(backend: Backend): Promise<Device> {
  const build = backend === 'tensorflow' ? tensorflowBuild() : null;
  const adapter = backend === 'webgpu' ? webgpuAdapter() : undefined;
  if (adapter?.software) return { kind: 'cpu', name: adapter.name, build, gpuMemory: null };
  if (!adapter && !usesGpu()) return { kind: 'cpu', name: cpus()[0]?.model ?? 'unknown', build, gpuMemory: null };
  const cards = await graphicsCards();
  const name = adapter?.name ?? (cards.map((card) => card.name).join(', ') || 'unknown');
  // Of several cards it is not known which one computes.
  return { kind: 'gpu', name, build, gpuMemory: (cards.length === 1 && cards[0]?.memory) || null };
}

/** Native TensorFlow can tell; it counts the devices of its session. */
function usesGpu(): boolean {
  const backend: object = tf.backend();
  return 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true;
}

/** NVIDIA's libraries lie beside those of TensorFlow where it was built for CUDA. */
function tensorflowBuild(): 'cuda' | 'cpu' {
  const manifest = require.resolve('@tensorflow/tfjs-node-gpu/package.json');
  return existsSync(join(dirname(manifest), 'deps', 'nvidia')) ? 'cuda' : 'cpu';
}
