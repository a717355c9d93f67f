import { threadId, workerData } from 'node:worker_threads';
import { type FailureCode, SceneError, UsageError } from '../errors.ts';
import type { AttentionMap, Raster } from '../scene.ts';
import { useBackend, type WantedBackend } from './backend.ts';
import { type Device, device } from './device.ts';
import { begun, type Gate, within } from './gate.ts';
import type { WindowStack } from './geometry.ts';
import { type Inference, inference } from './inference.ts';
import { loadNetworks } from './load-networks.ts';
import type { Manifest } from './manifest.ts';
import type { Backend, Draw, Usage, Verdict } from './model.ts';
import { nothingHeld, usage } from './usage.ts';
import { windowStack } from './window-stack.ts';

/**
 * A thread that computes: native TensorFlow and wasm run synchronously, and on the main thread they would stop Kafka's
 * heartbeats and the probes of `/livez`.
 */
export type InferenceSettings = {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly backend: WantedBackend;
  readonly gate: Gate;
};

export type InferenceTask =
  | { readonly kind: 'start' }
  | { readonly kind: 'attend'; readonly overview: Raster }
  | { readonly kind: 'look'; readonly patches: readonly Raster[]; readonly draw: Draw };

/** An error's class does not survive the way between threads; a backend that is missing is therefore told as a value. */
export type Started =
  | { readonly backend: Backend; readonly device: Pick<Device, 'kind' | 'name'>; readonly stack: WindowStack }
  | { readonly missing: readonly string[] };

const settings: InferenceSettings = workerData;
const started = within(settings.gate, start);
started.catch(() => {}).finally(() => begun(settings.gate)); // every task tells of an error

/** So is a scene that cannot be worked on. */
export type Refused = { readonly code: FailureCode; readonly refused: string };

export type Answer = Started | AttentionMap | Verdict | Refused;

/** What a thread answers, and what it holds once it is done. */
export type Answered<T> = { readonly answer: T; readonly thread: number; readonly usage: Usage };

/** What the pool calls in this thread. */
export async function run(task: InferenceTask): Promise<Answered<Answer>> {
  const given = await within(settings.gate, () => answer(task)).catch(refusal);
  return { answer: given, thread: threadId, usage: 'missing' in given ? nothingHeld : usage() };
}

/** What went wrong with the scene, as a value; any other error is thrown on. */
function refusal(error: unknown): Refused {
  if (error instanceof SceneError) return { code: error.code, refused: error.message };
  throw error;
}

async function answer(task: InferenceTask): Promise<Started | AttentionMap | Verdict> {
  const { outcome, networks } = await started;
  if (task.kind === 'start') return outcome;
  if (networks === undefined) throw new Error('the backend of this thread is missing');
  return task.kind === 'attend' ? networks.attend(task.overview) : networks.look(task.patches, task.draw);
}

async function start(): Promise<{ outcome: Started; networks?: Inference }> {
  try {
    const backend = await useBackend(settings.backend);
    const networks = await loadNetworks(settings.directory, settings.manifest);
    const { kind, name } = await device(backend);
    const stack = windowStack(networks.attention);
    return { outcome: { backend, device: { kind, name }, stack }, networks: inference(networks, settings.manifest) };
  } catch (error) {
    if (error instanceof UsageError) return { outcome: { missing: error.mistakes } };
    throw error;
  }
}
