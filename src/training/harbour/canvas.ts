import type { Window } from '../../scene.ts';

/** The pixels of a window while they are painted: RGB, interleaved by pixel. Values outside 0…255 are cut off. */
export type Canvas = Window & { readonly pixels: Uint8ClampedArray };

/** Lays a colour over a pixel, given by its offset in `pixels`: 0 leaves it as it was, 1 covers it. */
export function blend(pixels: Uint8ClampedArray, at: number, tone: readonly number[], coverage: number): void {
  for (let band = 0; band < 3; band += 1) {
    const under = pixels[at + band] as number;
    pixels[at + band] = under + ((tone[band] as number) - under) * coverage;
  }
}

type Box = readonly [x0: number, y0: number, x1: number, y1: number];

export function touches({ x, y, width, height }: Window, [x0, y0, x1, y1]: Box): boolean {
  return x0 < x + width && x1 > x && y0 < y + height && y1 > y;
}

/** Calls `paint` for each pixel of the canvas within a box: its centre in the scene, and its offset in `pixels`. */
export function eachPixel(canvas: Canvas, [x0, y0, x1, y1]: Box, paint: (x: number, y: number, at: number) => void) {
  const [left, right] = [Math.max(x0, canvas.x), Math.min(x1, canvas.x + canvas.width)];
  const [top, bottom] = [Math.max(y0, canvas.y), Math.min(y1, canvas.y + canvas.height)];
  for (let y = top; y < bottom; y += 1) {
    let at = ((y - canvas.y) * canvas.width + left - canvas.x) * 3;
    for (let x = left; x < right; x += 1, at += 3) paint(x + 0.5, y + 0.5, at);
  }
}
