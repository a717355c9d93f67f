import { fileURLToPath, pathToFileURL } from 'node:url';
import { SceneError } from '../errors.ts';
import { addressGuard } from './bytes/address-guard.ts';
import type { ByteSource } from './bytes/byte-source.ts';
import { fileSource } from './bytes/file-source.ts';
import { type HttpClient, httpClient } from './bytes/http-client.ts';
import { httpSource } from './bytes/http-source.ts';
import type { Cog } from './cog.ts';
import { cogOpener, type OpenerSettings, type OpenHints, type ReadFigures } from './cog-opener.ts';
import { type SceneView, type ViewSettings, viewScene } from './scene-view.ts';

export type SceneReaderSettings = OpenerSettings & {
  /** Also http:, loopback, private and reserved addresses. */
  readonly allowPrivate: boolean;
  /** The folder that `file:` may read from; undefined for none. */
  readonly root: string | undefined;
  /** For one read, and for each wait in it. */
  readonly timeoutSeconds: number;
};

/** Opens scenes by href, and shows of them what a model wants to see. */
export type SceneReader = {
  /** @throws {SceneError} `source.*`, `cog.*`, `budget.exceeded` */
  open(href: string, signal: AbortSignal, hints?: OpenHints): Promise<Cog>;
  /** @throws {SceneError} `scene.unsuitable`, `source.*`, `cog.*`, `budget.exceeded` */
  view(cog: Cog, settings: ViewSettings, signal: AbortSignal): Promise<SceneView>;
  readonly figures: ReadFigures;
  close(): Promise<void>;
};

/** Opens scenes by href: `https:`, `http:` where allowed, `file:` and plain paths under a root. Holds the connections. */
export function sceneReader(settings: SceneReaderSettings): SceneReader {
  const { allowPrivate, timeoutSeconds, maxConnections = 16 } = settings;
  const client = httpClient(addressGuard(allowPrivate), { timeoutSeconds, maxConnections });
  const opener = cogOpener(settings);
  return {
    open: async (href, signal, hints) => opener.open(href, byteSource(href, client, settings), signal, hints),
    view: viewScene,
    get figures() {
      return opener.figures;
    },
    close: () => client.close(),
  };
}

function byteSource(href: string, client: HttpClient, { root, timeoutSeconds }: SceneReaderSettings): ByteSource {
  const url = URL.canParse(href) ? new URL(href) : pathToFileURL(href);
  if (url.protocol === 'http:' || url.protocol === 'https:') return httpSource(url, client, timeoutSeconds);
  if (url.protocol !== 'file:') throw refused(`${url.protocol} is not a scheme that is read`);
  if (root === undefined) throw refused('no folder is set that files may be read from');
  return fileSource(filePath(url), root);
}

function filePath(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new SceneError('source.refused', `not a local file: ${url.pathname}`, { cause: error });
  }
}

function refused(message: string): SceneError {
  return new SceneError('source.refused', message);
}
