import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RangeServer, serveRanges } from '../../src/commands/range-server.ts';

/** What a server does wrong: the headers and the body given, then the end that is named. */
export type Fault = {
  /** Without it not even headers are sent. */
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array;
  /** `end` (the default) is a proper end; `stall` sends no more and keeps the connection; `reset` breaks it. */
  readonly ending?: 'end' | 'stall' | 'reset';
};

/**
 * The range server of `saccade demo`, as slow and as faulty as a test wants it.
 * @param options.latencyMs pause before each answer
 * @param options.until no answer before that
 * @param options.respond what goes wrong with a request; `undefined` means nothing, which may also be decided later
 */
export function serveWithFaults(
  folder: string,
  options: {
    readonly latencyMs?: number;
    readonly until?: Promise<void>;
    readonly respond?: (request: IncomingMessage) => Fault | undefined | Promise<undefined>;
  } = {},
): Promise<RangeServer> {
  const { latencyMs = 0, respond } = options;
  return serveRanges(folder, {
    around: (handle) => async (request, response, entry) => {
      if (latencyMs > 0) await sleep(latencyMs);
      await options.until;
      const fault = await respond?.(request);
      if (fault === undefined) return handle(request, response, entry);
      const { status, headers = {}, body = new Uint8Array(), ending = 'end' } = fault;
      if (status !== undefined) {
        response.writeHead(status, headers);
        // The peer must have what was sent before the connection breaks.
        if (ending !== 'end') await new Promise((resolve) => response.write(body, resolve));
      }
      if (ending === 'end') response.end(body);
      if (ending === 'reset') request.socket.resetAndDestroy();
      if (ending === 'stall') await once(response, 'close');
    },
  });
}
