/**
 * A glyph as the paper's code shows it in its low view: not averaged, but smoothed (a Gaussian of (f − 1)/2 pixels, cut
 * off at four of them, black outside) and then sampled between the nearest pixels, f being how many times smaller it
 * becomes. That is what scikit-image's `rescale` of order 1 with anti-aliasing does.
 * @param pixels `from`² bytes
 * @returns `to`² bytes, cut down to whole numbers
 */
export function shrinkGlyph(pixels: Uint8Array, from: number, to: number): Uint8Array {
  const weights = resampling(from, to); // both steps are linear and go by rows and columns apart
  const shrunk = new Uint8Array(to * to);
  for (let row = 0; row < to; row += 1) {
    const rows = weights[row] as Float64Array; // `to` of them
    for (let column = 0; column < to; column += 1) {
      const columns = weights[column] as Float64Array;
      let sum = 0;
      for (let y = 0; y < from; y += 1) {
        for (let x = 0; x < from; x += 1) {
          sum += (rows[y] as number) * (columns[x] as number) * (pixels[y * from + x] as number);
        }
      }
      shrunk[row * to + column] = Math.floor(sum + 1e-9); // rounding errors shall not take a whole level
    }
  }
  return shrunk;
}

const known = new Map<string, Float64Array[]>();

/** How much each of `from` pixels counts in each of `to`. */
function resampling(from: number, to: number): Float64Array[] {
  const key = `${from} ${to}`;
  const weights = known.get(key) ?? Array.from({ length: to }, (_, i) => sampleWeights(from, to, i));
  known.set(key, weights);
  return weights;
}

function sampleWeights(from: number, to: number, index: number): Float64Array {
  const factor = from / to;
  const sigma = (factor - 1) / 2;
  const radius = Math.floor(4 * sigma + 0.5);
  const gauss = (offset: number) => Math.exp(-((offset / sigma) ** 2) / 2);
  const total = Array.from({ length: 2 * radius + 1 }, (_, i) => gauss(i - radius)).reduce((sum, g) => sum + g, 0);
  const centre = (index + 0.5) * factor - 0.5;
  const [before, share] = [Math.floor(centre), centre - Math.floor(centre)];
  return Float64Array.from({ length: from }, (_, at) => {
    const smoothed = (centre: number) => (Math.abs(at - centre) <= radius ? gauss(at - centre) / total : 0);
    return (1 - share) * smoothed(before) + share * smoothed(before + 1);
  });
}
