import { addressGuard, type GuardSettings } from './bytes/address-guard.ts';
import { httpClient } from './bytes/http-client.ts';
import type { Cog } from './cog.ts';
import { cogOpener, type OpenerSettings, type OpenHints, type ReadFigures } from './cog-opener.ts';
import { type OpenPart, openTogether } from './open-together.ts';
import { awsEndpoint } from './places/aws-access.ts';
import { type PlaceSettings, places } from './places/places.ts';
import { type SceneView, type ViewSettings, viewScene } from './scene-view.ts';

export type SceneReaderSettings = GuardSettings & PlaceSettings & OpenerSettings;

/** `headerBytes` of each file, in the order of the hrefs. */
export type SceneHints = Omit<OpenHints, 'headerBytes'> & {
  readonly headerBytes?: readonly (number | undefined)[] | undefined;
};

/** Opens scenes by href, and shows of them what a model wants to see. */
export type SceneReader = {
  /**
   * @param href several for a scene whose bands lie in a file each
   * @param hints what is known of each of the files before it is opened
   * @throws {SceneError} `source.*`, `cog.*`, `budget.exceeded`, `scene.unsuitable` for files that do not fit together
   */
  open(href: string | readonly [string, ...string[]], signal: AbortSignal, hints?: SceneHints): Promise<Cog>;
  /** @throws {SceneError} `scene.unsuitable`, `source.*`, `cog.*`, `budget.exceeded` */
  view(cog: Cog, settings: ViewSettings, signal: AbortSignal): Promise<SceneView>;
  readonly figures: ReadFigures;
  close(): Promise<void>;
};

/** With the first: enough for a request for each of ten places and two more. */
const CONNECTIONS_AHEAD = 11;

/** Opens scenes by href, wherever `places` knows to find them. Holds the connections. */
export function sceneReader(settings: SceneReaderSettings): SceneReader {
  const { timeoutSeconds, maxConnections = 16, budget } = settings;
  const endpoint = awsEndpoint(settings.environment ?? {});
  // Whoever names a store means it, wherever it is.
  const privateOrigins = [...(settings.privateOrigins ?? []), ...(endpoint ? [endpoint.origin] : [])];
  const client = httpClient(addressGuard({ ...settings, privateOrigins }), {
    timeoutSeconds,
    maxConnections,
    connectionsAhead: CONNECTIONS_AHEAD,
  });
  const sourceOf = places(client, settings);
  const opener = cogOpener(settings);
  return {
    async open(href, signal, hints) {
      const open: OpenPart = (part, index, signal, left) =>
        opener.open(part, sourceOf(part), signal, { ...hints, headerBytes: hints?.headerBytes?.[index], budget: left });
      return typeof href === 'string' ? open(href, 0, signal, budget) : openTogether(href, open, signal, budget);
    },
    view: viewScene,
    get figures() {
      return opener.figures;
    },
    close: () => client.close(),
  };
}
