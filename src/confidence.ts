import type { Confidence } from './scene.ts';

/** How sure an answer of this probability is called: `low` below `nominal`, `high` from `high` upwards. */
export function confidenceOf(
  probability: number,
  { nominal, high }: { readonly nominal: number; readonly high: number },
): Confidence {
  if (probability >= high) return 'high';
  return probability >= nominal ? 'nominal' : 'low';
}
