import { fileURLToPath, pathToFileURL } from 'node:url';
import { SceneError } from '../errors.ts';
import { addressGuard, type GuardSettings } from './bytes/address-guard.ts';
import type { ByteSource } from './bytes/byte-source.ts';
import { fileSource } from './bytes/file-source.ts';
import { type HttpClient, httpClient } from './bytes/http-client.ts';
import { httpSource } from './bytes/http-source.ts';
import type { ReadBudget } from './bytes/metered-source.ts';
import type { Cog } from './cog.ts';
import { openCog } from './open-cog.ts';
import { type SceneView, type ViewSettings, viewScene } from './scene-view.ts';

export type SceneReaderSettings = GuardSettings & {
  /** The folder that `file:` may read from; undefined for none. */
  readonly root: string | undefined;
  /** For one read, and for each wait in it. */
  readonly timeoutSeconds: number;
  /** To one origin; 16 by default. */
  readonly maxConnections?: number;
  /** Of the first read of a file, which is a guess at the length of its header. */
  readonly firstReadBytes: number;
  /** For each opened file; none: whatever it costs. */
  readonly budget?: ReadBudget;
};

/** Opens scenes by href, and shows of them what a model wants to see. */
export type SceneReader = {
  /** @throws {SceneError} `source.*`, `cog.*`, `budget.exceeded` */
  open(href: string, signal: AbortSignal): Promise<Cog>;
  /** @throws {SceneError} `scene.unsuitable`, `source.*`, `cog.*`, `budget.exceeded` */
  view(cog: Cog, settings: ViewSettings, signal: AbortSignal): Promise<SceneView>;
  close(): Promise<void>;
};

/** Opens scenes by href: `https:`, `http:` where allowed, `file:` and plain paths under a root. Holds the connections. */
export function sceneReader(settings: SceneReaderSettings): SceneReader {
  const { timeoutSeconds, maxConnections = 16, firstReadBytes, budget } = settings;
  const client = httpClient(addressGuard(settings), { timeoutSeconds, maxConnections });
  return {
    open: async (href, signal) => openCog(byteSource(href, client, settings), firstReadBytes, signal, budget),
    view: viewScene,
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
