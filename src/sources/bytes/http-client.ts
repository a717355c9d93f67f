import { setImmediate } from 'node:timers/promises';
import { Agent, buildConnector, type Dispatcher, errors } from 'undici';
import { SceneError } from '../../errors.ts';
import type { AddressGuard } from './address-guard.ts';
import { dialAhead } from './dial-ahead.ts';
import { plainHref } from './plain-href.ts';
import { redirectTarget } from './redirect-target.ts';

/**
 * HTTP as range reads need it: connections kept warm and bounded for each origin, every wait bounded, redirects
 * followed by hand so that the guard sees each of them.
 */
export type HttpClient = {
  /**
   * A GET. The caller consumes the body.
   * @param authorise asked at every hop; none: nothing is shown
   * @returns the answer, not a redirect, and the URL that gave it, as it was before it was authorised
   * @throws {SceneError} `source.refused`, `source.unreachable`, `source.protocol`
   */
  get(url: URL, headers: HttpHeaders, signal: AbortSignal, authorise?: Authorise): Promise<HttpAnswer>;
  close(): Promise<void>;
};

export type HttpHeaders = Readonly<Record<string, string>>;
export type HttpRequest = { readonly url: URL; readonly headers: HttpHeaders };

/** Adds to a request what its server wants to be shown, if that server is meant to see it: another one gets nothing. */
export type Authorise = (request: HttpRequest) => Promise<HttpRequest>;

export type HttpAnswer = { readonly url: URL; readonly response: Dispatcher.ResponseData };

export type HttpSettings = {
  /** For a connection, for headers, and between two pieces of a body. */
  readonly timeoutSeconds: number;
  /** To one origin. */
  readonly maxConnections: number;
  /** Opened beside the first one to an origin, before they are asked for; none by default. */
  readonly connectionsAhead?: number;
};

const MAX_REDIRECTS = 3;
const KEEP_ALIVE_SECONDS = 60;

export function httpClient(guard: AddressGuard, settings: HttpSettings): HttpClient {
  const { timeoutSeconds, maxConnections, connectionsAhead = 0 } = settings;
  const milliseconds = timeoutSeconds * 1000;
  const dial = buildConnector({ lookup: guard.lookup, timeout: milliseconds });
  const dialler = dialAhead(dial, { ahead: connectionsAhead, maxConnections });
  const agent = new Agent({
    connections: maxConnections,
    keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000,
    headersTimeout: milliseconds,
    bodyTimeout: milliseconds,
    connect: dialler.connect,
  });
  return {
    async get(start, headers, signal, authorise = async (request) => request) {
      let url = start;
      for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
        guard.check(url);
        const response = await request(agent, await authorise({ url, headers }), signal);
        const next = await targetOf(url, response);
        if (!next) return { url, response };
        await discard(response);
        url = next;
      }
      throw new SceneError('source.protocol', `${plainHref(start)} redirects more than ${MAX_REDIRECTS} times`);
    },
    close() {
      dialler.close();
      return agent.destroy();
    },
  };
}

/** Where it sends us, if anywhere; done with the answer where we may not follow. */
async function targetOf(url: URL, response: Dispatcher.ResponseData): Promise<URL | undefined> {
  try {
    return redirectTarget(url, response);
  } catch (error) {
    await discard(response);
    throw error;
  }
}

async function request(
  agent: Agent,
  { url, headers }: HttpRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  try {
    return await agent.request({ origin: url.origin, path: url.pathname + url.search, method: 'GET', headers, signal });
  } catch (error) {
    throw networkError(url, error, signal);
  }
}

const MAX_DISCARDED_BYTES = 16 * 1024;
/** About what a new connection costs. */
const MAX_DISCARD_MILLISECONDS = 250;

/**
 * Done with a body, read or not: a short rest is read to keep the connection, one that is longer or slow to come costs
 * the connection. Never fails: what was to be told of the answer is known. Undici gives a connection free a turn of the
 * event loop after its answer; whoever asks before opens another one.
 */
export async function discard({ body }: Dispatcher.ResponseData): Promise<void> {
  const timer = setTimeout(() => body.destroy(), MAX_DISCARD_MILLISECONDS);
  await body.dump({ limit: MAX_DISCARDED_BYTES }).catch(() => body.destroy());
  clearTimeout(timer);
  await setImmediate();
}

/** What a failed exchange means. Aborts and the guard's refusals pass through untouched. */
export function networkError(url: URL, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof SceneError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const broken = error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError;
  const message = `${plainHref(url)}: ${code} ${error.message}`;
  return new SceneError(broken ? 'source.protocol' : 'source.unreachable', message, { cause: error });
}
