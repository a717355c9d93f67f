import { type FailureCode, failureCode, SceneError } from '../../errors.ts';
import type { ByteRange, ByteSource, Identity } from './byte-source.ts';
import { discard, type HttpAnswer, type HttpClient, networkError } from './http-client.ts';
import { plainHref } from './plain-href.ts';
import { checkRange } from './range-answer.ts';
import { withDeadline } from './with-deadline.ts';

/** What an address may answer that is no longer good; some stores say 400 of a signature whose time is over. */
const outdated: ReadonlySet<FailureCode> = new Set([
  'source.forbidden',
  'source.missing',
  'source.protocol',
  'source.unreachable',
]);

/**
 * Bytes of a file behind HTTP, by range requests (RFC 9110 section 14) and nothing else: no HEAD, since the first
 * answer tells the size. An answer that is not exactly what was asked for is an error, never pixels.
 * @param timeoutSeconds for one read, however slowly it trickles
 */
export function httpSource(start: URL, client: HttpClient, timeoutSeconds: number): ByteSource {
  const href = plainHref(start);
  // Where a redirect led once, the next read goes at once.
  let url = start;
  let identity: Identity | undefined;

  const readOnce: ByteSource['read'] = async (range, signal, arrived) => {
    const answer = await client.get(url, requestHeaders(range, identity), signal);
    try {
      const found = checkRange(answer.response, range, identity, href);
      const bytes = await readBody(answer, found.length, { signal, arrived });
      url = answer.url;
      identity ??= found.identity;
      await discard(answer.response);
      return bytes;
    } catch (error) {
      // What claims to be the range and is not may go on for ever; an error's page is short as a rule, and its
      // connection sound. Nobody waits for its end, since the deadline would take the place of the error.
      if (answer.response.statusCode < 300) drop(answer.response);
      else void discard(answer.response);
      throw error;
    }
  };
  /**
   * A redirect may lead to an address that is signed for some minutes only, or to a machine that is gone by now: asked
   * again, the first one leads to another. Where no usable answer came, that is left to the next try and its pause.
   */
  const readOn: ByteSource['read'] = async (range, signal, arrived) => {
    const remembered = url;
    try {
      return await readOnce(range, signal, arrived);
    } catch (error) {
      const code = failureCode(error);
      if (remembered === start || !outdated.has(code)) throw error;
      if (url === remembered) url = start; // else another read has been there already
      if (code === 'source.unreachable') throw error;
      return readOnce(range, signal, arrived);
    }
  };
  return {
    href,
    get identity() {
      return identity;
    },
    expect(known) {
      identity = known;
    },
    read(range, signal, arrived) {
      const { offset, length } = range;
      const late = () =>
        new SceneError('source.unreachable', `${href}: no ${length} bytes at ${offset} within ${timeoutSeconds} s`);
      return withDeadline(signal, timeoutSeconds, late, (signal) => readOn(range, signal, arrived));
    },
  };
}

/** Done with a body at once, at the price of the connection. */
function drop({ body }: HttpAnswer['response']): void {
  body.on('error', () => undefined).destroy();
}

/** A weak tag cannot vouch for a range (RFC 9110 section 13.1.1), and what is no tag at all can match none. */
const STRONG_TAG = /^"[^"]*"$/;

function requestHeaders({ offset, length }: ByteRange, identity: Identity | undefined): Record<string, string> {
  const headers = { range: `bytes=${offset}-${offset + length - 1}`, 'accept-encoding': 'identity' };
  const etag = identity?.etag;
  return etag && STRONG_TAG.test(etag) ? { ...headers, 'if-match': etag } : headers;
}

/** Exactly `length` bytes: neither more nor less. */
async function readBody(
  { url, response }: HttpAnswer,
  length: number,
  { signal, arrived }: { readonly signal: AbortSignal; readonly arrived: ((bytes: number) => void) | undefined },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      arrived?.(chunk.length);
      if (at + chunk.length > length)
        throw new SceneError('source.protocol', `${plainHref(url)}: more than ${length} bytes`);
      bytes.set(chunk, at);
      at += chunk.length;
    }
  } catch (error) {
    throw networkError(url, error, signal);
  }
  if (at === length) return bytes;
  throw new SceneError('source.unreachable', `${plainHref(url)}: broke off after ${at} of ${length} bytes`);
}
