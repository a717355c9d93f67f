/** A training has run away: what is computed is no number any more, and no later step can mend that. */
export function lostNumbers(what: string, step: number): Error {
  const remedy = 'lower the learning rate or clipNorm, or look for samples that are no numbers';
  return new Error(`the ${what} of step ${step} is no number any more: the last checkpoint stands; ${remedy}`);
}
