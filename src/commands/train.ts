import type { Command } from 'commander';
import type { CommandContext } from './context.ts';

/** `saccade train`: makes a model directory from an experiment file and a labelled data set. */
export function addTrain(program: Command, _context: CommandContext): void {
  program.command('train').description('train a model from an experiment file').argument('<experiment>');
}
