/**
 * How much a scene of each class counts in the loss: 1 for all, or (1/K)/frequency, by which each of the K classes
 * counts alike however many scenes it has. The mean over the scenes is 1 either way, so that learning rates keep their
 * meaning.
 *
 * @param scenes of a data set, at least one of each class
 * @returns [K] in the order of `classes`
 */
export function classWeights(
  scenes: readonly { readonly class: string }[],
  classes: readonly string[],
  kind: 'none' | 'balanced',
): number[] {
  if (kind === 'none') return classes.map(() => 1);
  const counts = classes.map((name) => scenes.filter((scene) => scene.class === name).length);
  return counts.map((count) => scenes.length / (classes.length * count));
}
