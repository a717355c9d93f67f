import type { Backend } from './model.ts';
import type { Adapter, NoAdapter } from './webgpu-adapter.ts';

/** What can be asked, the quick question first. */
export type Offers = {
  /** Why it does not start, if so. */
  readonly startTensorflow: () => string | undefined;
  readonly mayHaveGpu: () => boolean;
  readonly findAdapter: () => Promise<Adapter | NoAdapter>;
};

/**
 * What `auto` takes: native TensorFlow where its library is, else webgpu where it computes on a GPU, else wasm. On the
 * processor wasm is much faster than webgpu.
 */
export async function fastestBackend({ startTensorflow, mayHaveGpu, findAdapter }: Offers): Promise<Backend> {
  if (startTensorflow() === undefined) return 'tensorflow';
  if (!mayHaveGpu()) return 'wasm';
  const adapter = await findAdapter();
  return 'missing' in adapter || adapter.software ? 'wasm' : 'webgpu';
}
