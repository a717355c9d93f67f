import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../errors.ts';
import { carefulBackend } from './careful-backend.ts';
import { type Adapter, describeAdapter } from './webgpu-adapter.ts';

const require = createRequire(import.meta.url);

/** What tfjs asks for of all that an adapter can. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

let computing: Adapter | undefined;

/** The adapter that webgpu computes on in this thread, if it was started. */
export function webgpuAdapter(): Adapter | undefined {
  return computing;
}

/**
 * Opens this thread's own device of the best adapter and registers it with tfjs, which does so by itself in browsers
 * alone.
 * @throws {UsageError} when there is no adapter, or it gives no device
 */
export async function startWebgpu(): Promise<void> {
  if (computing) return;
  // Loaded before there is a GPU to be seen, or it would register a backend of its own.
  const {
    WebGPUBackend,
  }: typeof import('@tensorflow/tfjs-backend-webgpu') = require('@tensorflow/tfjs-backend-webgpu');
  const { create, globals } = await import('webgpu');
  const gpu = create([]);
  Object.assign(globalThis, globals);
  showLikeBrowser(gpu);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new UsageError(['backend webgpu does not start on this machine: it has no adapter']);
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({ requiredLimits });
  tf.registerBackend('webgpu', () => carefulBackend(WebGPUBackend, device, adapter.info));
  computing = describeAdapter(adapter.info);
}

/** tfjs computes only where there is a `navigator` with a GPU; Node has had one, without, since 21. */
function showLikeBrowser(gpu: object): void {
  if (!('navigator' in globalThis)) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(Reflect.get(globalThis, 'navigator'), 'gpu', { value: gpu, configurable: true });
}
