/** Of many mistakes only so many are told, each on a line of its own; the rest as a number. */
const MOST_TOLD = 20;

export function listMistakes(mistakes: readonly string[]): string[] {
  if (mistakes.length <= MOST_TOLD) return [...mistakes];
  return [...mistakes.slice(0, MOST_TOLD), `and ${mistakes.length - MOST_TOLD} more mistakes`];
}
