import { z } from 'zod';
import { describeIssue } from '../../describe-issue.ts';
import { SceneError } from '../../errors.ts';
import type { Message, Scene } from '../../scene.ts';
import { plainHref } from '../bytes/plain-href.ts';
import { dateTime } from './date-time.ts';
import { chooseAssets, stacItem } from './stac-item.ts';

/**
 * Reads which scene a message names: a plain `{href}`, or a STAC Item; either as it is, as the data of a CloudEvent 1.0
 * (structured or binary), or in an SNS notification. Anything else is refused, never guessed at.
 */
export type SceneMessageSettings = {
  /** Assets of a STAC Item to use, best first. */
  readonly assetKeys: readonly string[];
  /** A longer value is refused. */
  readonly maxMessageBytes: number;
  /** Those that the model needs: a STAC Item may have a file for each. */
  readonly bands?: readonly { readonly name: string }[];
};

const id = z.string().min(1).max(2048);

const plainScene = z
  .object({
    href: z.string().optional(),
    url: z.string().optional(),
    id: id.optional(),
    datetime: dateTime.optional(),
    properties: z.record(z.string(), z.unknown()).default({}),
  })
  .refine((m) => m.href === undefined || m.url === undefined || m.href === m.url, 'href and url differ');

const noEvent = 'expected specversion 1.0, and data or data_base64';
const structuredEvent = z.union(
  [
    z.object({ specversion: z.literal('1.0'), data: z.unknown().refine((data) => data !== undefined, noEvent) }),
    z.object({ specversion: z.literal('1.0'), data_base64: z.base64() }),
  ],
  noEvent,
);
const snsEnvelope = z.object({ Type: z.literal('Notification'), Message: z.string() });

/** Of places that there are, whether or not they may be read from. */
const schemes = ['http:', 'https:', 's3:', 'gs:', 'az:', 'file:'];

/** An SNS notification may hold a CloudEvent or the other way round; more layers are nobody's format. */
const MAX_ENVELOPES = 2;

/** Some writers on Windows begin with it; a parser may ignore it (RFC 8259 section 8.1), and that of JavaScript does not. */
const BYTE_ORDER_MARK = '\ufeff';

/** Refuses what is not UTF-8, where `toString` would put other characters in its place; leaves a byte order mark in. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {SceneError} `message.malformed`, with what was expected */
export function parseScene(message: Message, settings: SceneMessageSettings): Scene {
  const { value } = message;
  if (value === null) throw malformed('the message has no value');
  if (value.length > settings.maxMessageBytes)
    throw malformed(`the message is longer than ${settings.maxMessageBytes} bytes`);
  const body = unwrap(parseJson(textOf(value)), MAX_ENVELOPES);
  return isStacItem(body) ? fromStacItem(body, settings) : fromPlain(body);
}

/** A CloudEvent in binary mode has its attributes in headers, so its value is the data already. */
function unwrap(body: unknown, layers: number): unknown {
  if (layers === 0 || typeof body !== 'object' || body === null) return body;
  if ('specversion' in body) {
    const event = check(structuredEvent, body, 'CloudEvent');
    const data = 'data' in event ? event.data : parseJson(textOf(Buffer.from(event.data_base64, 'base64')));
    return unwrap(data, layers - 1);
  }
  if (!('Type' in body)) return body;
  const notification = snsEnvelope.safeParse(body);
  return notification.success ? unwrap(parseJson(notification.data.Message), layers - 1) : body;
}

function fromPlain(body: unknown): Scene {
  const { href, url, id: name, datetime, properties } = check(plainScene, body, 'scene message');
  const address = checkHref(href ?? url);
  const scene = { id: name ?? plainHref(new URL(address)), href: address, properties };
  return datetime === undefined ? scene : { ...scene, datetime: datetime.toUpperCase() };
}

function fromStacItem(body: object, { assetKeys, bands = [] }: SceneMessageSettings): Scene {
  const item = check(stacItem, body, 'STAC Item');
  const assets = chooseAssets(item.assets, { keys: assetKeys, bands: bands.map(({ name }) => name) });
  const [href, ...others] = assets.map((asset) => checkHref(asset.href)) as [string, ...string[]]; // one for each
  const { id, geometry, properties } = item;
  const named = { id, href, geometry, properties, bandNames: assets.flatMap((asset) => asset.bandNames) };
  const several = others.length > 0 && { hrefs: [href, ...others] as const };
  const headerBytes = assets.map((asset) => asset.headerBytes);
  return {
    ...named,
    ...several,
    ...(headerBytes.some((bytes) => bytes !== undefined) && { headerBytes }),
    ...(properties.datetime && { datetime: properties.datetime.toUpperCase() }),
  };
}

function isStacItem(body: unknown): body is object {
  return typeof body === 'object' && body !== null && 'type' in body && body.type === 'Feature';
}

function checkHref(href: string | undefined): string {
  if (href === undefined) throw malformed('the message names no href');
  const { protocol } = parseUrl(href);
  if (!schemes.includes(protocol))
    throw malformed(`href has the scheme ${protocol} where one of ${schemes.join(' ')} was expected`);
  return href;
}

function parseUrl(href: string): URL {
  try {
    return new URL(href);
  } catch {
    throw malformed(`href is no absolute URL: ${JSON.stringify(withoutSecrets(href).slice(0, 200))}`);
  }
}

/** What is no URL can hold a signature or a password all the same. */
function withoutSecrets(href: string): string {
  return href.replace(/[?#].*$/s, '').replace(/^(.*\/\/)?[^/]*@/s, '$1');
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw malformed('the message is not JSON: not UTF-8', error);
  }
}

/** The reason quotes the text around the mistake, and with it perhaps a signature. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw malformed(`the message is not JSON: ${reason.replace(/,? *(\.\.\.)?".*"(\.\.\.)? is not valid JSON/s, '')}`);
  }
}

function check<T extends z.ZodType>(schema: T, body: unknown, what: string): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const reasons = result.error.issues.map(describeIssue);
  throw malformed(`the message is no ${what}: ${reasons.join('; ')}`, result.error);
}

function malformed(reason: string, cause?: unknown): SceneError {
  return new SceneError('message.malformed', reason, { cause });
}
