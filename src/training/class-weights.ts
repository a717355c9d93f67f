/**
 * How much a scene of each class counts in the loss: 1 for all, or (1/K)/frequency, by which each of the K classes
 * counts alike however many scenes it has. The mean over the scenes is 1 either way, so that learning rates keep their
 * meaning.
 *
 * @param labels of all training scenes, at least one of each class
 * @returns [K] in the order of `classes`
 */
export function classWeights(
  labels: readonly string[],
  classes: readonly string[],
  kind: 'none' | 'balanced',
): number[] {
  if (kind === 'none') return classes.map(() => 1);
  const counts = classes.map((name) => labels.filter((label) => label === name).length);
  return counts.map((count) => labels.length / (classes.length * count));
}
