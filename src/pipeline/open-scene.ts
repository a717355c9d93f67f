import type { Manifest } from '../model/manifest.ts';
import type { Scene } from '../scene.ts';
import type { Cog } from '../sources/cog.ts';
import type { SceneView, ViewSettings } from '../sources/scene-view.ts';
import { addedCost } from './added-cost.ts';
import type { Observe } from './observe.ts';
import type { OpenScene, SceneInWork, StageOf } from './scene-in-work.ts';

/** What opening a scene takes: a file by its address, then of that file what the model is to be shown. */
export type Reader = {
  /** @param href several for a scene whose bands lie in a file each */
  open(
    href: string | NonNullable<Scene['hrefs']>,
    signal: AbortSignal,
    hints?: { readonly headerBytes?: Scene['headerBytes'] | undefined },
  ): Promise<Cog>;
  view(cog: Cog, settings: ViewSettings, signal: AbortSignal): Promise<SceneView>;
};

export type OpenSettings = Pick<ViewSettings, 'anyResolution' | 'maxOverviewBytes'>;

/** Open the file, choose what of its pyramid the model is shown, and read its overview. */
export function openScene(
  { reader, observe }: { readonly reader: Reader; readonly observe: Pick<Observe, 'read'> },
  manifest: Manifest,
  { anyResolution, maxOverviewBytes }: OpenSettings,
): StageOf<SceneInWork, OpenScene> {
  const wanted = { ...manifest, anyResolution, maxOverviewBytes };
  return async ({ scene, trace }, signal) => {
    const { href, hrefs, headerBytes, bandNames } = scene;
    const opened = await reader.open(hrefs ?? href, signal, { headerBytes });
    const header = { ...opened.cost };
    observe.read('header', header);
    const view = await reader.view(opened, bandNames ? { ...wanted, bandNames } : wanted, signal);
    observe.read('overview', addedCost(header, opened.cost));
    const { cog, levels, overview, read } = view;
    return { scene, trace, cog, levels, overview, read };
  };
}
