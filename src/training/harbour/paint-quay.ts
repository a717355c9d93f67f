import { axes, boxOf } from './block.ts';
import { blend, type Canvas, eachPixel } from './canvas.ts';
import { fraction, hash } from './noise.ts';
import type { Quay } from './scene.ts';

/** A shed takes most of each bay of the quay, sheds in some bays only. In pixels. */
const BAY = 34;
const SHED_SHARE = 0.55;
const ROOFS = [
  [128, 112, 104],
  [112, 118, 126],
  [146, 144, 138],
] as const;

/** Concrete with a darker edge, a road along its middle and sheds beside it. */
export function paintQuay(canvas: Canvas, quay: Quay, noise: number): void {
  const { forward, across: side } = axes(quay);
  const tone = [0, 0, 0];
  eachPixel(canvas, boxOf(quay, 1), (x, y, at) => {
    const [dx, dy] = [x - quay.x, y - quay.y];
    const along = dx * forward[0] + dy * forward[1];
    const across = dx * side[0] + dy * side[1];
    const inside = Math.min(quay.beam / 2 - Math.abs(across), quay.length / 2 - Math.abs(along));
    if (inside <= -0.5) return;
    const grain = (fraction(hash(Math.floor(x), Math.floor(y), noise)) - 0.5) * 10;
    const roof = inside > 3 ? roofAt(quay, along, across, noise) : undefined;
    const concrete = quay.tone + (inside < 1.2 ? -34 : Math.abs(across) < 1.6 ? -18 : 0);
    for (let band = 0; band < 3; band += 1) tone[band] = (roof?.[band] ?? concrete) + grain;
    blend(canvas.pixels, at, tone, Math.min(1, inside + 0.5));
  });
}

function roofAt(quay: Quay, along: number, across: number, noise: number): readonly number[] | undefined {
  const bay = Math.floor(along / BAY);
  const within = along - bay * BAY;
  const aside = Math.abs(across);
  if (within < 5 || within > BAY - 5 || aside < 3.5 || aside > quay.beam / 2 - 4) return undefined;
  const bits = hash(bay, across < 0 ? 0 : 1, noise ^ Math.round(quay.x));
  return fraction(bits) < SHED_SHARE ? ROOFS[bits % ROOFS.length] : undefined;
}
