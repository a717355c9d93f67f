import type { Window } from '../src/scene.ts';
import { planHarbour, type SceneOrder } from '../src/training/harbour/plan-harbour.ts';
import { sceneRenderer } from '../src/training/harbour/render-scene.ts';
import { writeCog } from '../src/training/write-cog.ts';

/** Of JPEG, as of the harbour scenes themselves. */
const QUALITY = 88;

/** Tiles are rendered one by one, and none is larger. */
const TILE_BYTES = 256 * 256 * 3;

/**
 * Writes a harbour scene in the top left corner of a square canvas of flat water: the same content, however much
 * emptiness around it.
 * @param canvas side in pixels, at least the scene's; a whole number of tiles of 256 pixels, as the scene's own must be
 */
export async function writeCanvas(path: string, order: SceneOrder, canvas: number): Promise<void> {
  const scene = planHarbour(order);
  const paint = sceneRenderer(scene);
  const water = new Uint8Array(TILE_BYTES).map((_, i) => scene.sea.colour[i % 3] as number); // a colour has three bands
  const isContent = ({ x, y }: Window) => x < order.size && y < order.size;
  await writeCog(path, {
    width: canvas,
    height: canvas,
    render: (window) => (isContent(window) ? paint(window) : water),
    georeference: scene.georeference,
    encoding: { kind: 'rgb-jpeg', quality: QUALITY },
  });
}
