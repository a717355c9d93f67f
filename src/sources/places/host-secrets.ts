import type { Authorise } from '../bytes/http-client.ts';

/** What single hosts are shown: headers, such as a bearer token, and a query, such as a shared access signature. */
export type HostSecrets = Readonly<Record<string, { readonly headers: HttpHeaders; readonly query: string }>>;

type HttpHeaders = Readonly<Record<string, string>>;

/**
 * Adds to a request what is set for its very origin: nothing goes to another one, wherever a redirect leads.
 * @param hosts by name, which means https, or by origin, such as `http://minio:9000`
 */
export function hostSecrets(hosts: HostSecrets): Authorise {
  const byOrigin = new Map(Object.entries(hosts).map(([host, secret]) => [originOf(host), secret]));
  return async (request) => {
    const secret = byOrigin.get(request.url.origin);
    if (secret === undefined) return request;
    const headers = Object.entries(secret.headers).map(([name, value]) => [name.toLowerCase(), value]);
    return {
      url: withQuery(request.url, secret.query),
      headers: { ...Object.fromEntries(headers), ...request.headers },
    };
  };
}

function originOf(host: string): string {
  return new URL(host.includes('://') ? host : `https://${host}`).origin;
}

/** A signature that came with the address goes before ours. */
function withQuery(url: URL, query: string): URL {
  const ours = query.replace(/^\?/, '');
  const names = [...new URLSearchParams(ours).keys()];
  if (ours === '' || names.some((name) => url.searchParams.has(name))) return url;
  const signed = new URL(url);
  signed.search = url.search === '' ? ours : `${url.search}&${ours}`; // as it was: a signature may cover its encoding
  return signed;
}
