import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { SceneError, UsageError } from '../errors.ts';
import type { AttentionMap, PixelArray, Raster } from '../scene.ts';
import type { WantedBackend } from './backend.ts';
import { emptied, openGate, shutGate } from './gate.ts';
import { fieldOf, gridGeometry } from './geometry.ts';
import type { Answer, Answered, InferenceSettings, InferenceTask, Started } from './inference-worker.ts';
import type { Model, Usage, Verdict } from './model.ts';
import { patchWindows } from './patch-windows.ts';
import { readManifest } from './read-manifest.ts';
import { addUsages } from './usage.ts';

const MOST_THREADS = 4;

/**
 * Of a thread's heap, for what was made lately. With V8's own 48 MB the pixels of dozens of scenes lie about in each
 * thread, outside its heap, before a collection finds that nobody wants them; networks outlive all collections anyway.
 */
const YOUNG_MEGABYTES = 6;

/**
 * Loads a model directory and starts the threads that compute with it.
 * @param options.backend `auto` takes the fastest one that is there
 * @param options.threads side by side; each has its own copy of the networks
 * @throws {UsageError} when the model is missing or damaged, or the backend that was asked for is not there
 */
export async function loadModel(
  directory: string,
  { backend, threads }: { backend: WantedBackend; threads?: number },
): Promise<Model> {
  const { manifest, sha256 } = await readManifest(directory);
  const gate = openGate();
  const workerData: InferenceSettings = { directory, manifest, backend, gate };
  const pool = new Piscina<InferenceTask, Answered<Answer>>({
    filename: workerFile(),
    name: 'run',
    workerData,
    minThreads: 1,
    maxThreads: threads ?? Math.min(availableParallelism(), MOST_THREADS),
    idleTimeout: Number.POSITIVE_INFINITY,
    // An idle thread goes on to hear of what it began, such as its backend's start; waiting by atomics it would be deaf.
    atomics: 'disabled',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  const usages = new Map<number, Usage>();
  const ask = async <T>(task: InferenceTask, transferList: ArrayBuffer[] = []): Promise<T> => {
    const { answer, thread, usage } = await pool.run(task, { transferList });
    usages.set(thread, usage);
    if ('refused' in answer) throw new SceneError(answer.code, answer.refused);
    return answer as T; // each kind of task has one kind of answer
  };
  let ended = 0;
  pool.on('workerDestroy', ({ id }: { id: number }) => {
    ended += 1;
    usages.delete(id);
  });
  const started = await ask<Started>({ kind: 'start' });
  if ('missing' in started) {
    await pool.destroy();
    throw new UsageError(started.missing);
  }
  return {
    manifest,
    sha256,
    backend: started.backend,
    device: started.device,
    attend(overview) {
      const sent = toSend(overview);
      return ask<AttentionMap>({ kind: 'attend', overview: sent }, buffersOf(sent));
    },
    look: (patches, draw) => ask<Verdict>({ kind: 'look', patches, draw }),
    windows: (draw, level, overview) =>
      patchWindows(draw, { grid: gridGeometry(started.stack, overview), level, overview, patch: manifest.patch.size }),
    field: (overview) => fieldOf(gridGeometry(started.stack, overview)),
    usage: () => addUsages(usages.values()),
    async close() {
      await shutGate(gate, pool.threads.length + ended);
      if (started.backend === 'webgpu') await emptied(gate);
      await pool.destroy();
    },
  };
}

/** Messages between threads are copied twice, once into the message and once out of it, unless they are moved or shared. */
function toSend(overview: Raster): Raster {
  const { data, valid } = overview;
  return { ...overview, data: sharedOrCopied(data), ...(valid && { valid: sharedOrCopied(valid) }) };
}

function sharedOrCopied<T extends PixelArray>(values: T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  // Not values.slice(), which copies nothing if they are a Buffer.
  return Uint8Array.prototype.slice.call(values as Uint8Array) as T;
}

/** What is to be moved: all that is not shared. */
function buffersOf({ data, valid }: Raster): ArrayBuffer[] {
  return [data, valid].flatMap((values) => (values?.buffer instanceof ArrayBuffer ? [values.buffer] : []));
}

/** Node 20 cannot start a thread from a .ts file: where the sources run as they are (tests), the compiled twin is taken. */
function workerFile(): string {
  const twin = import.meta.url.endsWith('.ts') ? '../../dist/model/inference-worker.js' : './inference-worker.js';
  return new URL(twin, import.meta.url).href;
}
