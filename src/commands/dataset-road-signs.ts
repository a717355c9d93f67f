import type { Command } from 'commander';
import { readLabels } from '../training/labels.ts';
import { makeRoadSigns } from '../training/road-signs/make-road-signs.ts';
import type { CommandContext } from './context.ts';
import { type DatasetOptions, makeDataset } from './make-dataset.ts';
import { wholeNumber } from './whole-number.ts';

type RoadSignsOptions = DatasetOptions & {
  readonly photographs: string;
  readonly part?: string;
  readonly size: string;
  readonly seed: number;
};

/** `saccade dataset road-signs` */
export function addRoadSigns(dataset: Command, context: CommandContext): void {
  dataset
    .command('road-signs')
    .description('parts of road photographs with speed signs drawn into them; interrupted, it goes on where it stopped')
    .requiredOption('--out <directory>', 'where the scenes go')
    .requiredOption('--scenes <number>', 'how many', wholeNumber(1))
    .requiredOption('--photographs <directory>', 'a data set; those labelled none are drawn into')
    .option('--part <selection>', 'the part of it that is meant, such as rest=0/5')
    .option('--size <width,height>', 'of the scenes, in pixels', '320,240')
    .option('--seed <number>', 'the same seed gives the same scenes', wholeNumber(0), 1)
    .option('--json', 'print the summary as one JSON document')
    .action(async (options: RoadSignsOptions) => {
      const order = { directory: options.out, reference: referenceOf(options), readLabels };
      await makeDataset('road-signs', options, context, (reports) => makeRoadSigns({ ...order, ...reports }));
    });
}

/** What an experiment would name the same scenes. */
function referenceOf({ scenes, photographs, part, size, seed }: RoadSignsOptions): string {
  const [width, height] = size.split(',').map(wholeNumber(32, 32_768));
  const selected = part === undefined ? '' : `&part=${part}`;
  return `road-signs?scenes=${scenes}&width=${width}&height=${height ?? width}&seed=${seed}&photographs=${photographs}${selected}`;
}
