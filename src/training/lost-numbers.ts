/** A training has run away: what is computed is no number any more, and no later step can mend that. */
export function lostNumbers(what: string, step: number, options: { readonly cause?: unknown } = {}): Error {
  // The same run would come to the same end, and a run takes no other experiment.
  const remedy =
    'look for samples that are no numbers, or begin another run (--run) from it (training.start) with a lower learning rate or clipNorm';
  return new Error(`the ${what} of step ${step} is no number any more: the last checkpoint stands; ${remedy}`, options);
}
