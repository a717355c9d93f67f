import { buildNetwork } from '../../model/networks.ts';
import { expectFit } from '../expect-fit.ts';
import type { Experiment } from '../experiment.ts';
import type { Baseline } from './baseline.ts';
import { deepMil, type MilNetworks } from './deep-mil.ts';
import type { BaselineDescription } from './describe-baseline.ts';
import { milScorer } from './mil-attention.ts';
import { overviewScale, scaledCnn } from './scaled-cnn.ts';

/** The rival that an experiment asks for, and the scale of the overviews that its scenes are to be loaded with. */
export type MadeBaseline = { readonly baseline: Baseline; readonly overviewScale: number };

/**
 * @param networks learnt ones by their names; untrained ones are built where there are none
 * @throws {UsageError} when they do not fit the experiment or each other
 */
export function makeBaseline(
  experiment: Experiment,
  description: BaselineDescription,
  networks: Partial<Baseline['networks']> = {},
): MadeBaseline {
  const { model, training } = experiment;
  const { bands, features, patch, overview } = model;
  const settings = { bands, clipNorm: training.clipNorm };
  if (description.kind === 'cnn') {
    const cnn = networks['cnn'] ?? buildNetwork('cnn', [null, null, bands.length], description.layers, training.seed);
    expectFit({ head: cnn }, model); // a head for pixels in the place of features
    return {
      baseline: scaledCnn(cnn, { ...settings, ...description }),
      overviewScale: overviewScale(description.scale),
    };
  }
  const parts = milNetworks(experiment, description, networks);
  expectFit({ feature: parts.feature, head: parts.head }, model);
  return {
    baseline: deepMil(parts, { ...settings, ...description, features, patch: patch.size }),
    overviewScale: overview.scale,
  };
}

function milNetworks(
  { model, training }: Experiment,
  { hidden, gated }: Extract<BaselineDescription, { kind: 'deep-mil' }>,
  networks: Partial<Baseline['networks']>,
): MilNetworks {
  const { bands, features, patch, networks: described } = model;
  const { seed } = training;
  const input = [patch.size, patch.size, bands.length];
  const feature = networks['feature'] ?? buildNetwork('feature', input, described.feature, seed + 100, features);
  const width = feature.outputShape[1] as number; // [null, D]
  return {
    feature,
    scorer: networks['scorer'] ?? milScorer(width, { hidden, gated, seed }),
    head: networks['head'] ?? buildNetwork('head', [width], described.head, seed + 200),
  };
}
