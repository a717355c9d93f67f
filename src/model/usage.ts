import * as tf from '@tensorflow/tfjs-core';
import type { Usage } from './model.ts';
import { webgpuAdapter } from './webgpu.ts';

/**
 * What the backend of this thread holds. Only webgpu tells how much it takes of the memory of a GPU, freed buffers that it
 * keeps for reuse included; on the processor it takes none.
 */
export function usage(): Usage {
  const memory: tf.MemoryInfo & { numBytesAllocatedInGPU?: number } = tf.memory();
  const gpuBytes = webgpuAdapter()?.software ? undefined : memory.numBytesAllocatedInGPU;
  return { tensors: memory.numTensors, tensorBytes: memory.numBytes, gpuBytes };
}

/** What a thread holds whose backend is missing: tfjs cannot even count without one. */
export const nothingHeld: Usage = { tensors: 0, tensorBytes: 0, gpuBytes: undefined };

/** Of several threads together. */
export function addUsages(usages: Iterable<Usage>): Usage {
  return [...usages].reduce((sum, { tensors, tensorBytes, gpuBytes }) => ({
    tensors: sum.tensors + tensors,
    tensorBytes: sum.tensorBytes + tensorBytes,
    gpuBytes: gpuBytes === undefined ? sum.gpuBytes : (sum.gpuBytes ?? 0) + gpuBytes,
  }));
}
