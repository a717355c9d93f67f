import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

/** What is wrong at the moment, one reason each; none: all is well. */
export type Check = () => readonly string[];

export type HttpAnswers = {
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly live: Check;
  readonly ready: Check;
  readonly started: Check;
};
export type HttpServerSettings = { readonly port: number; readonly host: string };
export type HttpServer = { readonly port: number; close(): Promise<void> };

/**
 * What operators ask over HTTP: `/metrics` for Prometheus, `/livez` (is it worth keeping alive?), `/readyz` (does it
 * work?) and `/startupz` (has it begun to?), the latter three with their reasons as JSON, 503 where there are any.
 * @param settings.port 0 takes a free one
 * @throws {Error} when the port is taken
 */
export async function httpServer(
  { metrics, live, ready, started }: HttpAnswers,
  { port, host }: HttpServerSettings,
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const [pathname] = (request.url ?? '/').split('?'); // not new URL(), which throws for what anybody may send
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, { error: 'only GET is answered' });
    else if (pathname === '/metrics') void scrape(response, metrics);
    else if (pathname === '/livez') health(response, live());
    else if (pathname === '/readyz') health(response, ready());
    else if (pathname === '/startupz') health(response, started());
    else answer(response, 404, { error: 'there are /metrics, /livez, /readyz and /startupz' });
  });
  await once(server.listen(port, host), 'listening');
  return {
    port: (server.address() as AddressInfo).port, // a TCP server has one
    async close() {
      server.close();
      server.closeAllConnections(); // Prometheus keeps its connection open
      await once(server, 'close');
    },
  };
}

async function scrape(response: ServerResponse, metrics: Pick<Metrics, 'text' | 'contentType'>): Promise<void> {
  try {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  } catch (error) {
    answer(response, 500, { error: error instanceof Error ? error.message : String(error) });
  }
}

function health(response: ServerResponse, reasons: readonly string[]): void {
  answer(response, reasons.length === 0 ? 200 : 503, { ok: reasons.length === 0, reasons });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
