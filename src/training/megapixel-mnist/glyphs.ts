import type { Window } from '../../scene.ts';

/** A square picture of one band, and where its top left pixel lies in the scene. */
export type Glyph = { readonly x: number; readonly y: number; readonly size: number; readonly pixels: Uint8Array };

/**
 * The pixels of a window: every glyph covers what lies under its whole square, its black too, as in the paper's code.
 * @param glyphs in the order drawn: later ones lie on top
 * @returns one byte a pixel, row by row; 0 where nothing lies
 */
export function paintGlyphs(glyphs: readonly Glyph[], window: Window): Uint8Array<ArrayBuffer> {
  const painted = new Uint8Array(window.width * window.height);
  for (const { x, y, size, pixels } of glyphs) {
    const [left, right] = [Math.max(x, window.x), Math.min(x + size, window.x + window.width)];
    if (left >= right) continue;
    const bottom = Math.min(y + size, window.y + window.height);
    for (let row = Math.max(y, window.y); row < bottom; row += 1) {
      const from = (row - y) * size - x;
      painted.set(pixels.subarray(from + left, from + right), (row - window.y) * window.width + left - window.x);
    }
  }
  return painted;
}
