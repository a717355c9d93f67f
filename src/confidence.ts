import type { Confidence } from './scene.ts';

/**
 * How sure an answer of this probability is called: `low` below `nominal`, `high` from `high` upwards. What begins at 1
 * is never said: no network is certain, and a probability of 1 has been rounded.
 */
export function confidenceOf(
  probability: number,
  { nominal, high }: { readonly nominal: number; readonly high: number },
): Confidence {
  const reaches = (threshold: number) => threshold < 1 && probability >= threshold;
  if (reaches(high)) return 'high';
  return reaches(nominal) ? 'nominal' : 'low';
}
