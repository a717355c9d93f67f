/** When a request came and when its answer left. */
export type Span = { readonly start: number; readonly end: number };

/**
 * The longest chain of requests of which each began after the one before had been answered: how often a reader had to
 * wait for a round trip. Always the one that ends first, and then the first to end of those that begin after it.
 */
export function depthOf(spans: readonly Span[]): number {
  let [depth, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { start, end } of spans.toSorted((a, b) => a.end - b.end)) {
    if (start < until) continue;
    depth += 1;
    until = end;
  }
  return depth;
}
