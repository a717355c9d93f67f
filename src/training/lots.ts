import { randomKey, uniforms } from '../random.ts';

/** Draws by lot, one after another, from a key made of everything that they shall depend on. */
export type Lots = {
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** A whole number, `low` to `high`, both possible. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** The same items in random order (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
};

export function lots(...key: readonly (string | number)[]): Lots {
  const numbers = uniforms(randomKey(...key));
  const next = () => numbers.next().value;
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    between: (low, high) => low + next() * (high - low),
    whole,
    chance: (probability) => next() < probability,
    pick: <T>(from: readonly T[]) => from[whole(0, from.length - 1)] as T,
    shuffle<T>(items: readonly T[]) {
      const shuffled = [...items];
      for (let i = shuffled.length - 1; i > 0; i -= 1) {
        const j = whole(0, i);
        [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
      }
      return shuffled;
    },
  };
}
