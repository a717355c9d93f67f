/** A scene as it is and as it was answered. */
export type Case = { readonly label: string; readonly answer: string };

export function isRight({ label, answer }: Case): boolean {
  return label === answer;
}

/** Each class that there is counts alike. */
export function balancedAccuracy(cases: readonly Case[]): number {
  const classes = new Set(cases.map(({ label }) => label));
  return mean([...classes].map((one) => mean(cases.filter(({ label }) => label === one).map(isRight))));
}

export function mean(values: readonly (number | boolean)[]): number {
  return values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;
}
