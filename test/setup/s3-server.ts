import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type RangeServer, serveRanges } from '../../src/commands/range-server.ts';

/** What a store knows of whoever may read from it. */
export type S3Store = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Keys of some time's worth come with one. */
  readonly sessionToken?: string;
  readonly region: string;
  /** Buckets that anybody may read, without a signature. */
  readonly open?: readonly string[];
  /** Buckets whose readers must say that they pay. */
  readonly requesterPays?: readonly string[];
};

/** A request as its signature sees it. */
export type SignedRequest = { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders };

/**
 * A store that speaks as S3 does, over the buckets in a folder: it computes each signature itself, from the request as
 * it arrived (AWS Signature Version 4), and lets nobody in whose signature is another.
 */
export function serveS3(folder: string, store: S3Store): Promise<RangeServer> {
  return serveRanges(folder, {
    around: (handle) => async (request, response, entry) => {
      const [, bucket = ''] = (request.url ?? '').split('/');
      const status = store.open?.includes(bucket) ? 200 : judge(request, bucket, store);
      if (status === 200) return handle(request, response, entry);
      response.writeHead(status, { 'x-amz-bucket-region': store.region, 'content-length': 0 }).end();
    },
  });
}

const SCOPE =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/;
const MINUTES_15 = 900_000;

function judge({ method = '', url = '', headers }: IncomingMessage, bucket: string, store: S3Store): 200 | 301 | 403 {
  const [, id, day, region, names = '', signature] = SCOPE.exec(headers.authorization ?? '') ?? [];
  if (id !== store.accessKeyId) return 403;
  if (region !== store.region) return 301;
  const date = String(headers['x-amz-date']);
  const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(Date.now() - time) < MINUTES_15) || !date.startsWith(day ?? ' ')) return 403;
  const signed = names.split(';');
  const mustBeSigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  if (mustBeSigned.some((name) => !signed.includes(name))) return 403;
  if (headers['x-amz-security-token'] !== store.sessionToken) return 403;
  if (store.requesterPays?.includes(bucket) && headers['x-amz-request-payer'] !== 'requester') return 403;
  return signature === signatureOf({ method, url, headers }, signed, store) ? 200 : 403;
}

/** The signature that a request ought to have. */
export function signatureOf(
  { method, url, headers }: SignedRequest,
  signed: readonly string[],
  { secretAccessKey, region }: Pick<S3Store, 'secretAccessKey' | 'region'>,
): string {
  const [path = '', query = ''] = url.split('?');
  const date = String(headers['x-amz-date']);
  const canonical = [
    method,
    encode(decodeURIComponent(path)).replaceAll('%2F', '/'),
    query.split('&').sort().join('&'),
    ...signed.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signed.join(';'),
    headers['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secretAccessKey}`));
  return hmac(key, text).toString('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** RFC 3986: all but letters, digits and -._~ */
function encode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => String.fromCharCode(byte))
    .map((c) => (/[\w.~-]/.test(c) ? c : `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`))
    .join('');
}
