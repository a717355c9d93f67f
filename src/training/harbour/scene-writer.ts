import { Piscina } from 'piscina';
import { openGate, shutGate } from '../../model/gate.ts';
import { unlessAborted } from '../../unless-aborted.ts';
import { removeUnfinished } from '../write-cog.ts';
import { type SceneTask, writeScene } from './write-scene.ts';

/** Writes scenes in this thread, or several at a time in threads of their own. */
export type SceneWriter = {
  /** How many scenes may be written at a time. */
  readonly lanes: number;
  /** @returns the file's size in bytes; rejects when the signal stops it */
  write(task: SceneTask): Promise<number>;
  close(): Promise<void>;
};

export function sceneWriter(workers: number, signal: AbortSignal | undefined): SceneWriter {
  if (workers === 1) return { lanes: 1, write: (task) => writeScene(task, signal), close: async () => {} };
  const gate = openGate();
  const pool = new Piscina<SceneTask, number>({
    filename: workerFile(),
    name: 'writeScene',
    workerData: gate,
    maxThreads: workers,
  });
  let ended = 0;
  pool.on('workerDestroy', () => {
    ended += 1;
  });
  const unfinished = new Set<string>();
  return {
    lanes: workers,
    async write(task) {
      unfinished.add(task.path);
      // The pool is not told of the signal: it would end the threads at once, those that are just beginning too.
      const written = pool.run(task);
      const bytes = await (signal ? unlessAborted(signal, written) : written);
      unfinished.delete(task.path);
      return bytes;
    },
    async close() {
      await shutGate(gate, pool.threads.length + ended);
      await pool.destroy();
      await Promise.all([...unfinished].map(removeUnfinished)); // a thread that was stopped leaves its files as they are
    },
  };
}

/** Node 20 cannot start a thread from a .ts file: where the sources run as they are (tests), the compiled twin is taken. */
function workerFile(): string {
  const compiled = '../../../dist/training/harbour/write-scene-worker.js';
  return new URL(import.meta.url.endsWith('.ts') ? compiled : './write-scene-worker.js', import.meta.url).href;
}
