import { type Command, InvalidArgumentError, Option } from 'commander';
import { readLabels } from '../training/labels.ts';
import { MOST_SCENES } from '../training/make-scenes.ts';
import { makeRoadSigns } from '../training/road-signs/make-road-signs.ts';
import { LEAST_SIDE, MOST_SIDE } from '../training/road-signs/plan-scene.ts';
import type { CommandContext } from './context.ts';
import { givenPath } from './given-path.ts';
import { type DatasetOptions, makeDataset } from './make-dataset.ts';
import { wholeNumber } from './whole-number.ts';

type RoadSignsOptions = DatasetOptions & {
  readonly photographs: string;
  readonly part?: string;
  readonly size: Size;
  readonly seed: number;
};

/** `saccade dataset road-signs` */
export function addRoadSigns(dataset: Command, context: CommandContext): void {
  dataset
    .command('road-signs')
    .description('parts of road photographs with speed signs drawn into them; interrupted, it goes on where it stopped')
    .requiredOption('--out <directory>', 'where the scenes go', givenPath)
    .requiredOption('--scenes <number>', 'how many', wholeNumber(1, MOST_SCENES))
    .requiredOption('--photographs <directory>', 'a data set; those labelled none are drawn into', givenPath)
    .option('--part <selection>', 'the part of it that is meant, such as rest=0/5')
    .addOption(
      new Option('--size <width,height>', 'of the scenes, in pixels')
        .argParser(readSize)
        .default({ width: 320, height: 240 }, '320,240'),
    )
    .option('--seed <number>', 'the same seed gives the same scenes', wholeNumber(0), 1)
    .option('--json', 'print the summary as one JSON document')
    .action(async (options: RoadSignsOptions) => {
      const order = { directory: options.out, reference: referenceOf(options), readLabels };
      await makeDataset('road-signs', options, context, (reports) => makeRoadSigns({ ...order, ...reports }));
    });
}

type Size = { readonly width: number; readonly height: number };

/** One number stands for both. */
function readSize(text: string): Size {
  const [width = 0, height = width, ...more] = text.split(',').map(wholeNumber(LEAST_SIDE, MOST_SIDE));
  if (more.length > 0) throw new InvalidArgumentError('It must be a width and a height.');
  return { width, height };
}

/** What an experiment would name the same scenes. */
function referenceOf({ scenes, photographs, part, size, seed }: RoadSignsOptions): string {
  const { width, height } = size;
  const selected = part === undefined ? '' : `&part=${escaped(part)}`;
  return `road-signs?scenes=${scenes}&width=${width}&height=${height}&seed=${seed}&photographs=${escaped(photographs)}${selected}`;
}

/** What has a meaning of its own in a reference; the rest stays as it is, to be read. */
function escaped(value: string): string {
  return value.replaceAll(/[%&+#]/g, (sign) => encodeURIComponent(sign));
}
