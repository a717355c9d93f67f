import { addressGuard, type GuardSettings } from './bytes/address-guard.ts';
import { httpClient } from './bytes/http-client.ts';
import type { ReadBudget } from './bytes/metered-source.ts';
import type { Cog } from './cog.ts';
import { openCog } from './open-cog.ts';
import { type OpenPart, openTogether } from './open-together.ts';
import { awsEndpoint } from './places/aws-access.ts';
import { type PlaceSettings, places } from './places/places.ts';
import { type SceneView, type ViewSettings, viewScene } from './scene-view.ts';

export type SceneReaderSettings = GuardSettings &
  PlaceSettings & {
    /** To one origin; 16 by default. */
    readonly maxConnections?: number;
    /** Of the first read of a file, which is a guess at the length of its header. */
    readonly firstReadBytes: number;
    /** For each opened file; none: whatever it costs. */
    readonly budget?: ReadBudget;
  };

/** Opens scenes by href, and shows of them what a model wants to see. */
export type SceneReader = {
  /**
   * @param href several for a scene whose bands lie in a file each
   * @throws {SceneError} `source.*`, `cog.*`, `budget.exceeded`, `scene.unsuitable` for files that do not fit together
   */
  open(href: string | readonly [string, ...string[]], signal: AbortSignal): Promise<Cog>;
  /** @throws {SceneError} `scene.unsuitable`, `source.*`, `cog.*`, `budget.exceeded` */
  view(cog: Cog, settings: ViewSettings, signal: AbortSignal): Promise<SceneView>;
  close(): Promise<void>;
};

/** Opens scenes by href, wherever `places` knows to find them. Holds the connections. */
export function sceneReader(settings: SceneReaderSettings): SceneReader {
  const { timeoutSeconds, maxConnections = 16, firstReadBytes, budget } = settings;
  const endpoint = awsEndpoint(settings.environment ?? {});
  // Whoever names a store means it, wherever it is.
  const privateOrigins = [...(settings.privateOrigins ?? []), ...(endpoint ? [endpoint.origin] : [])];
  const client = httpClient(addressGuard({ ...settings, privateOrigins }), { timeoutSeconds, maxConnections });
  const sourceOf = places(client, settings);
  return {
    async open(href, signal) {
      const open: OpenPart = (part, signal, left) => openCog(sourceOf(part), firstReadBytes, signal, left);
      return typeof href === 'string' ? open(href, signal, budget) : openTogether(href, open, signal, budget);
    },
    view: viewScene,
    close: () => client.close(),
  };
}
