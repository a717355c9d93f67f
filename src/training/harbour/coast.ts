import { valueNoise } from './noise.ts';
import type { Coast } from './scene.ts';

/** How far a point lies off the coast, in pixels: positive at sea, negative on land. Exact for a straight coast. */
export function seawardDistance({ seaward, offset, bends }: Coast, noise: number): (x: number, y: number) => number {
  const [east, south] = seaward;
  return (x, y) => {
    let distance = x * east + y * south - offset;
    for (let i = 0; i < bends.length; i += 1) {
      const { amplitude, wavelength } = bends[i] as Coast['bends'][number];
      distance += amplitude * valueNoise(x / wavelength, y / wavelength, noise + i);
    }
    return distance;
  };
}

/** Samples along each side of a scene when its share of land is measured. */
const SAMPLES = 48;

/** The same coast, moved along its direction until the wanted share of the scene is land. */
export function coastWithLand(coast: Coast, share: number, { size, noise }: { size: number; noise: number }): Coast {
  const distance = seawardDistance({ ...coast, offset: 0 }, noise);
  const step = size / SAMPLES;
  const distances = Array.from({ length: SAMPLES * SAMPLES }, (_, i) =>
    distance(((i % SAMPLES) + 0.5) * step, (Math.floor(i / SAMPLES) + 0.5) * step),
  ).sort((a, b) => a - b);
  return { ...coast, offset: distances[Math.floor(share * distances.length)] as number };
}
