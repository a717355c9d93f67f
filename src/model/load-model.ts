import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { UsageError } from '../errors.ts';
import type { AttentionMap } from '../scene.ts';
import type { WantedBackend } from './backend.ts';
import { cellsWithData } from './cells-with-data.ts';
import { fieldOf, gridGeometry } from './geometry.ts';
import type { Answered, InferenceSettings, InferenceTask, Started } from './inference-worker.ts';
import type { Model, Usage, Verdict } from './model.ts';
import { patchWindows } from './patch-windows.ts';
import { readManifest } from './read-manifest.ts';
import { addUsages } from './usage.ts';

const MOST_THREADS = 4;

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
  const workerData: InferenceSettings = { directory, manifest, backend };
  const pool = new Piscina<InferenceTask, Answered<Started | AttentionMap | Verdict>>({
    filename: workerFile(),
    name: 'run',
    workerData,
    minThreads: 1,
    maxThreads: threads ?? Math.min(availableParallelism(), MOST_THREADS),
    idleTimeout: Number.POSITIVE_INFINITY,
  });
  const usages = new Map<number, Usage>();
  const ask = async <T>(task: InferenceTask): Promise<T> => {
    const { answer, thread, usage } = await pool.run(task);
    usages.set(thread, usage);
    return answer as T; // each kind of task has one kind of answer
  };
  pool.on('workerDestroy', ({ id }: { id: number }) => usages.delete(id));
  const started = await ask<Started>({ kind: 'start' });
  if ('missing' in started) {
    await pool.destroy();
    throw new UsageError(started.missing);
  }
  return {
    manifest,
    sha256,
    backend: started.backend,
    async attend(overview) {
      // An overview that is too small or has no data is refused here: an error's class does not survive the way between threads.
      cellsWithData(gridGeometry(started.stack, overview), overview);
      return ask<AttentionMap>({ kind: 'attend', overview });
    },
    look: (patches, draw) => ask<Verdict>({ kind: 'look', patches, draw }),
    windows: (draw, level, overview) =>
      patchWindows(draw, { grid: gridGeometry(started.stack, overview), level, overview, patch: manifest.patch.size }),
    field: (overview) => fieldOf(gridGeometry(started.stack, overview)),
    usage: () => addUsages(usages.values()),
    close: () => pool.destroy(),
  };
}

/** Node 20 cannot start a thread from a .ts file: where the sources run as they are (tests), the compiled twin is taken. */
function workerFile(): string {
  const twin = import.meta.url.endsWith('.ts') ? '../../dist/model/inference-worker.js' : './inference-worker.js';
  return new URL(twin, import.meta.url).href;
}
