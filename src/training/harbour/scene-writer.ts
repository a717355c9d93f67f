import { Piscina } from 'piscina';
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
  const pool = new Piscina<SceneTask, number>({ filename: workerFile(), name: 'writeScene', maxThreads: workers });
  const begun = new Set<string>();
  return {
    lanes: workers,
    async write(task) {
      begun.add(task.path);
      const bytes = await pool.run(task, signal && { signal });
      begun.delete(task.path);
      return bytes;
    },
    async close() {
      await pool.destroy();
      await Promise.all([...begun].map(removeUnfinished)); // a thread that was stopped leaves its files as they are
    },
  };
}

/** Node 20 cannot start a thread from a .ts file: where the sources run as they are (tests), the compiled twin is taken. */
function workerFile(): string {
  const compiled = '../../../dist/training/harbour/write-scene.js';
  return new URL(import.meta.url.endsWith('.ts') ? compiled : './write-scene.js', import.meta.url).href;
}
