import { writeCog } from '../write-cog.ts';
import { planHarbour, type SceneOrder } from './plan-harbour.ts';
import { sceneRenderer } from './render-scene.ts';

/** A scene to be made, and the file to make of it. */
export type SceneTask = SceneOrder & { readonly path: string; readonly quality: number };

/**
 * Draws a scene by lot, paints it and writes it.
 * @returns the file's size in bytes
 */
export async function writeScene({ path, quality, ...order }: SceneTask, signal?: AbortSignal): Promise<number> {
  const scene = planHarbour(order);
  return writeCog(path, {
    width: scene.size,
    height: scene.size,
    render: sceneRenderer(scene),
    georeference: scene.georeference,
    encoding: { kind: 'rgb-jpeg', quality },
    ...(signal && { signal }),
  });
}
