import type { Dispatcher } from 'undici';
import { SceneError } from '../../errors.ts';
import { plainHref } from './plain-href.ts';

/**
 * Where an answer sends us (RFC 9110 section 15.4), if it does. What came under TLS is not gone on with in the clear.
 * @throws {SceneError} `source.protocol`, `source.refused`
 */
export function redirectTarget(
  url: URL,
  { statusCode, headers }: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>,
): URL | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(statusCode) || typeof location !== 'string') return undefined;
  if (!URL.canParse(location, url.href))
    throw new SceneError('source.protocol', `${plainHref(url)} redirects to no address`);
  const target = new URL(location, url);
  if (url.protocol === 'https:' && target.protocol === 'http:')
    throw new SceneError('source.refused', `${plainHref(url)} redirects from https to http`);
  return target;
}
