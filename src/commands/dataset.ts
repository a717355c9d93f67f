import type { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { addHarbour } from './dataset-harbour.ts';
import { addMegapixelMnist } from './dataset-megapixel-mnist.ts';
import { addRoadSigns } from './dataset-road-signs.ts';

/** `saccade dataset`: makes the data sets that can be made. */
export function addDataset(program: Command, context: CommandContext): void {
  const dataset = program.command('dataset').description('make a data set: scenes as COGs, with a labels file');
  addHarbour(dataset, context);
  addMegapixelMnist(dataset, context);
  addRoadSigns(dataset, context);
}
