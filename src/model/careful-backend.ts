import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { DataId } from '@tensorflow/tfjs-core';

/** Freed memory that is kept for reuse. */
const MOST_FREE_BYTES = 256 * 2 ** 20;

/**
 * tfjs' webgpu backend, made fit for a service:
 *
 * - WebGPU tells of memory that ran out, or a shader that does not compile, aside and later; what was computed is read as
 *   zeros. Here the next read fails instead.
 * - A device that is lost (its driver crashed, its card was taken away) never comes back. That ends the thread: others
 *   start with a new device.
 * - Freed buffers are kept for tensors of exactly their size, so that scenes of ever other sizes would fill the memory of
 *   the GPU. Here they go once they are too much.
 */
export function carefulBackend(
  Backend: typeof WebGPUBackend,
  device: GPUDevice,
  info: GPUAdapterInfo,
): InstanceType<typeof WebGPUBackend> {
  let failure: string | undefined;
  device.addEventListener('uncapturederror', (event) => {
    failure ??= event.error.message;
    event.preventDefault(); // it would print it
  });
  device.lost.then(({ message }) => {
    throw new Error(`webgpu has lost its device: ${message}`);
  });

  class CarefulBackend extends Backend {
    override async read(dataId: DataId & object): ReturnType<WebGPUBackend['read']> {
      const values = await super.read(dataId);
      const { numBytesAllocatedInGPU, numBytesInGPU } = this.memory();
      if (numBytesAllocatedInGPU - numBytesInGPU > MOST_FREE_BYTES) giveBack(this.bufferManager);
      if (failure === undefined) return values;
      const message = failure;
      failure = undefined;
      throw new Error(`webgpu could not compute: ${message}`);
    }
  }
  return new CarefulBackend(device, info);
}

/** Takes out every freed buffer, to release it for good. */
function giveBack(manager: WebGPUBackend['bufferManager']): void {
  const kept: unknown = Reflect.get(manager, 'freeBuffers'); // private: lists of buffers by size_usage
  if (!(kept instanceof Map)) throw new Error('another version of the webgpu backend of tfjs');
  for (const [key, buffers] of kept) {
    const [size = 0, usage = 0] = String(key).split('_').map(Number);
    while (buffers.length > 0) manager.releaseBuffer(manager.acquireBuffer(size, usage), false);
  }
}
