import type { Config } from '../config.ts';
import { loadModel } from '../model/load-model.ts';
import type { Model } from '../model/model.ts';
import { unlessAborted } from '../unless-aborted.ts';

/**
 * Loads the model that the settings name. A native library takes its time and cannot be interrupted: once the signal is
 * aborted it is no longer waited for, and ends with the process.
 * @throws {UsageError} when the model or its backend is missing; the signal's reason
 */
export function openModel({ model, backend, threads }: Config, signal: AbortSignal): Promise<Model> {
  return unlessAborted(signal, loadModel(model, { backend, ...(threads && { threads }) }));
}
