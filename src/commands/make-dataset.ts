import type { ScenesMade } from '../training/make-scenes.ts';
import type { CommandContext } from './context.ts';
import { progress } from './progress.ts';

/** What every `saccade dataset` command is told. */
export type DatasetOptions = { readonly out: string; readonly scenes: number; readonly json?: boolean };

/** What making a data set may tell while it is at work. */
export type Reports = { readonly signal: AbortSignal; readonly onScene: (done: number) => void };

/**
 * Makes a data set, with a progress bar, and sums it up.
 * @throws {Error} when it was interrupted: what is kept, and how to go on
 */
export async function makeDataset(
  name: string,
  { out, scenes, json }: DatasetOptions,
  { stdout, stderr, signal }: CommandContext,
  make: (reports: Reports) => Promise<ScenesMade>,
): Promise<void> {
  const bar = progress(stderr, name, scenes);
  const start = performance.now();
  const made = await make({ signal, onScene: (done) => bar.update(done) }).finally(() => bar.end());
  if (!made.complete) {
    throw new Error(
      `stopped: ${made.scenes} of ${scenes} scenes are kept in ${out}; the same command goes on from there`,
    );
  }
  const summary = { directory: out, ...made, seconds: Math.round((performance.now() - start) / 100) / 10 };
  const { seconds, bytes } = summary;
  const line = `${out}: ${scenes} scenes, ${made.made} made now, ${(bytes / 1e6).toFixed(1)} MB, ${seconds} s`;
  stdout.write(`${json ? JSON.stringify(summary) : line}\n`);
}
