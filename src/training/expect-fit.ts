import { UsageError } from '../errors.ts';
import type { Networks } from '../model/inference.ts';
import { misfits } from '../model/misfits.ts';
import type { Experiment } from './experiment.ts';

/**
 * Networks that an experiment describes must go together as those of a model directory must: what has learnt for hours
 * shall be of use then. Those that are not there are not missed.
 * @throws {UsageError} a line for each misfit
 */
export function expectFit(networks: Partial<Networks>, model: Experiment['model']): void {
  const mistakes = misfits(networks, model).map((one) => `experiment ${model.name}: ${one}`);
  if (mistakes.length > 0) throw new UsageError(mistakes);
}
