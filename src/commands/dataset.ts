import type { Command } from 'commander';
import { makeHarbour } from '../training/harbour/make-harbour.ts';
import { LEAST_SIZE, MOST_SIZE } from '../training/harbour/plan-harbour.ts';
import type { CommandContext } from './context.ts';
import { progress } from './progress.ts';
import { wholeNumber } from './whole-number.ts';

type HarbourOptions = {
  readonly out: string;
  readonly scenes: number;
  readonly size: readonly number[];
  readonly seed: number;
  readonly workers: number;
  readonly json?: boolean;
};

/** `saccade dataset`: makes the data sets that can be made. */
export function addDataset(program: Command, context: CommandContext): void {
  const dataset = program.command('dataset').description('make a data set: scenes as COGs, with a labels file');
  dataset
    .command('harbour')
    .description(
      'coastal scenes of 2 m per pixel with one vessel of interest or none; interrupted, it goes on where it stopped',
    )
    .requiredOption('--out <directory>', 'where the scenes go')
    .requiredOption('--scenes <number>', 'how many', wholeNumber(1))
    .requiredOption('--size <pixels[,pixels…]>', 'side of the scenes; several sizes take turns', sizes)
    .option('--seed <number>', 'the same seed gives the same scenes', wholeNumber(0), 1)
    .option('--workers <number>', 'scenes made at a time', wholeNumber(1), 1)
    .option('--json', 'print the summary as one JSON document')
    .action((options: HarbourOptions) => harbour(options, context));
}

async function harbour(options: HarbourOptions, { stdout, stderr, signal }: CommandContext): Promise<void> {
  const { out, scenes, size, seed, workers } = options;
  const bar = progress(stderr, 'harbour', scenes);
  const start = performance.now();
  const order = { directory: out, scenes, sizes: size, seed, workers, signal };
  const made = await makeHarbour({ ...order, onScene: (done) => bar.update(done) }).finally(() => bar.end());
  if (!made.complete) {
    throw new Error(
      `stopped: ${made.scenes} of ${scenes} scenes are kept in ${out}; the same command goes on from there`,
    );
  }
  const summary = { directory: out, ...made, seconds: Math.round((performance.now() - start) / 100) / 10 };
  const { seconds, bytes } = summary;
  const line = `${out}: ${scenes} scenes, ${made.made} made now, ${(bytes / 1e6).toFixed(1)} MB, ${seconds} s`;
  stdout.write(`${options.json ? JSON.stringify(summary) : line}\n`);
}

function sizes(text: string): number[] {
  return text.split(',').map(wholeNumber(LEAST_SIZE, MOST_SIZE));
}
