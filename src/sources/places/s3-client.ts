import { AwsV4Signer } from 'aws4fetch';
import { type Authorise, discard, type HttpAnswer, type HttpClient } from '../bytes/http-client.ts';
import type { AwsAccess } from './aws-access.ts';
import type { ObjectName } from './object-name.ts';

/**
 * The address of an object of S3, or of a store that speaks as S3 does. In the host's name stands the bucket, as AWS
 * wants it; in the path where that name would fit no certificate, and for endpoints of others.
 */
export function s3Url({ bucket, path }: ObjectName, { region, endpoint }: Pick<AwsAccess, 'region' | 'endpoint'>): URL {
  if (endpoint) return new URL(`${endpoint.pathname.replace(/\/$/, '')}/${bucket}/${path}`, endpoint);
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return new URL(bucket.includes('.') ? `https://${host}/${bucket}/${path}` : `https://${bucket}.${host}/${path}`);
}

/**
 * An HTTP client for one object, whose requests are signed (AWS Signature Version 4) each at its own time. Only the
 * store itself is shown a signature, never where it redirects to. A bucket that is in another region says in which.
 * @param regions of buckets, as they were learned; shared by all objects
 */
export function s3Client(
  client: HttpClient,
  name: ObjectName,
  access: () => Promise<AwsAccess>,
  regions: Map<string, string>,
): HttpClient {
  const keys = new Map<string, ArrayBuffer>(); // of days and regions: made once for all requests
  const signed = async (...[asked, headers, signal]: Parameters<HttpClient['get']>): Promise<HttpAnswer> => {
    const found = await access();
    const region = regions.get(name.bucket) ?? found.region;
    const url = s3Url(name, { ...found, region });
    const { response } = await client.get(url, headers, signal, sign(url.origin, { ...found, region }, keys));
    return { url: asked, response }; // the next request is signed anew, wherever this one was led to
  };
  return {
    async get(...request) {
      const answer = await signed(...request);
      const region = otherRegion(answer, regions.get(name.bucket));
      if (region === undefined) return answer;
      await discard(answer.response);
      regions.set(name.bucket, region);
      return signed(...request);
    },
    close: () => client.close(),
  };
}

function sign(
  origin: string,
  { credentials, region, requesterPays }: AwsAccess,
  cache: Map<string, ArrayBuffer>,
): Authorise {
  return async (request) => {
    if (credentials === undefined || request.url.origin !== origin) return request;
    const headers = requesterPays ? { ...request.headers, 'x-amz-request-payer': 'requester' } : request.headers;
    const url = request.url.href;
    const signer = new AwsV4Signer({ ...credentials, url, method: 'GET', headers, service: 's3', region, cache });
    return { url: request.url, headers: Object.fromEntries((await signer.sign()).headers) };
  };
}

/** The bucket's region, where a request that went elsewhere is answered with it. */
function otherRegion({ response: { statusCode, headers } }: HttpAnswer, known: string | undefined): string | undefined {
  const region = headers['x-amz-bucket-region'];
  if (![301, 400, 403].includes(statusCode) || typeof region !== 'string') return undefined;
  return region === known || !/^[a-z0-9-]{1,32}$/.test(region) ? undefined : region;
}
