import type { Size } from '../../model/model.ts';
import type { Window } from '../../scene.ts';

/**
 * All patches of a scene: squares of `patch` pixels every `stride` pixels from its top left corner, row by row. The last
 * one of a row or column is shifted inwards, so that no pixel is left out where the stride is not above the patch.
 */
export function patchGrid(
  { width, height }: Size,
  { patch, stride }: { readonly patch: number; readonly stride: number },
): Window[] {
  const starts = (pixels: number) =>
    Array.from({ length: Math.ceil(Math.max(pixels - patch, 0) / stride) + 1 }, (_, i) =>
      Math.max(Math.min(i * stride, pixels - patch), 0),
    );
  const columns = starts(width);
  return starts(height).flatMap((y) => columns.map((x) => ({ x, y, width: patch, height: patch })));
}
