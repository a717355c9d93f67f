import type { Command } from 'commander';
import { makeHarbour } from '../training/harbour/make-harbour.ts';
import { LEAST_SIZE, MOST_SIZE } from '../training/harbour/plan-harbour.ts';
import { MOST_SCENES } from '../training/make-scenes.ts';
import type { CommandContext } from './context.ts';
import { givenPath } from './given-path.ts';
import { type DatasetOptions, makeDataset } from './make-dataset.ts';
import { wholeNumber } from './whole-number.ts';

type HarbourOptions = DatasetOptions & {
  readonly size: readonly number[];
  readonly seed: number;
  readonly workers: number;
};

/** `saccade dataset harbour` */
export function addHarbour(dataset: Command, context: CommandContext): void {
  dataset
    .command('harbour')
    .description(
      'coastal scenes of 2 m per pixel with one vessel of interest or none; interrupted, it goes on where it stopped',
    )
    .requiredOption('--out <directory>', 'where the scenes go', givenPath)
    .requiredOption('--scenes <number>', 'how many', wholeNumber(1, MOST_SCENES))
    .requiredOption('--size <pixels[,pixels…]>', 'side of the scenes; several sizes take turns', sizes)
    .option('--seed <number>', 'the same seed gives the same scenes', wholeNumber(0), 1)
    .option('--workers <number>', 'scenes made at a time', wholeNumber(1), 1)
    .option('--json', 'print the summary as one JSON document')
    .action(async (options: HarbourOptions) => {
      const { out: directory, scenes, size, seed, workers } = options;
      const order = { directory, scenes, sizes: size, seed, workers };
      await makeDataset('harbour', options, context, (reports) => makeHarbour({ ...order, ...reports }));
    });
}

function sizes(text: string): number[] {
  return text.split(',').map(wholeNumber(LEAST_SIZE, MOST_SIZE));
}
