import { z } from 'zod';
import { estimators } from './estimators.ts';

/**
 * Names an estimator on the border: in manifests and experiments. Models from before 2026-11-24 say `gumbel-kappa` where they
 * mean what has been called `gumbel-kappa-normalised` since.
 */
export type EstimatorName = keyof typeof estimators;

export const estimatorNames = Object.keys(estimators) as EstimatorName[]; // an object literal has no other keys

export const estimatorName = z.preprocess(
  (name) => (name === 'gumbel-kappa' ? 'gumbel-kappa-normalised' : name),
  z.enum(estimatorNames),
);
