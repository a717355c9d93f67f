/**
 * What every reader is asked for (S1): the header, the whole overview of 1024 × 1024, and ten windows of 256 × 256 of the
 * finest level at fixed, scattered places. Pixels are told in this order, interleaved by pixel.
 */
export const overviewSide = 1024;
export const windowSide = 256;

/** Left and top of each. Six lie in one tile of 512, five across two side by side or one above the other. */
export const windows: readonly (readonly [x: number, y: number])[] = [
  [100, 180],
  [3000, 70],
  [6500, 1100],
  [7800, 2300],
  [1400, 2700],
  [4700, 3200],
  [2200, 4500],
  [5900, 5300],
  [1100, 6800],
  [3700, 7400],
];

/** How a reader is asked, one JSON text a line, and how it answers. */
export type ReadRequest = {
  readonly url: string;
  /** Keep connections, and what was learned of the host, for the next read. */
  readonly keep: boolean;
  /** Write the pixels there. */
  readonly pixels?: string;
};
export type ReadAnswer = { readonly ms: number; readonly cpuMs: number } | { readonly error: string };
