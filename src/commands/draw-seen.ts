import { fieldOf, gridGeometry } from '../model/geometry.ts';
import { heatmap } from '../sinks/heatmap.ts';
import type { GlanceSettings } from '../training/glance.ts';
import type { Seen } from '../training/validate.ts';

/** Draws a scene's overview under its attention, with the places that were looked at and how much each pulled, as a PNG. */
export function drawSeen({ scene, attention, windows, pulls }: Seen, { stack }: GlanceSettings): Promise<Buffer> {
  const { overview, width } = scene;
  return heatmap({
    overview,
    attention,
    field: fieldOf(gridGeometry(stack, overview)),
    places: windows.map((window, n) => ({ ...window, pull: pulls[n] as number })), // one pull a window
    scale: width / overview.width,
  });
}
