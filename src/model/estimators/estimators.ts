import { all } from './all.ts';
import type { Estimator } from './estimator.ts';
import { gumbelKappaNormalised } from './gumbel-kappa-normalised.ts';
import { gumbelKappaPlain } from './gumbel-kappa-plain.ts';
import { peaks } from './peaks.ts';
import { systematic } from './systematic.ts';
import { systematicNormalised } from './systematic-normalised.ts';
import { top } from './top.ts';
import { uniform } from './uniform.ts';
import { withReplacement } from './with-replacement.ts';
import { withoutReplacement } from './without-replacement.ts';

/** Every estimator that manifests, experiments and events may name; `docs/estimators.md` tells which to choose. */
export const estimators = {
  systematic,
  'systematic-normalised': systematicNormalised,
  'gumbel-kappa-plain': gumbelKappaPlain,
  'gumbel-kappa-normalised': gumbelKappaNormalised,
  'without-replacement': withoutReplacement,
  'with-replacement': withReplacement,
  uniform,
  top,
  peaks,
  all,
} as const satisfies Record<string, Estimator>;
