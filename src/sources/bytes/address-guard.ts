import { type LookupAddress, lookup as resolveName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { SceneError } from '../../errors.ts';
import { plainHref } from './plain-href.ts';

/**
 * Which addresses may be read from: hrefs come in messages, and whoever can write a message must not be able to reach
 * what only we can reach (OWASP, Server-Side Request Forgery). Public addresses over https, nothing else.
 */
export type AddressGuard = {
  /**
   * What can be told from the URL alone.
   * @throws {SceneError} `source.refused`
   */
  check(url: URL): void;
  /** Resolves a host's name for the connection itself, so that the address which was checked is the one connected to. */
  readonly lookup: LookupFunction;
};

export type GuardSettings = {
  /** Opens http:, every port, loopback, private and reserved addresses: for tests and closed networks. */
  readonly allowPrivate: boolean;
  /** Origins, such as `http://minio:9000`, that are opened in the same way; all others stay public ones. */
  readonly privateOrigins?: readonly string[];
  /** Of public addresses; 443 by default. */
  readonly ports?: readonly number[];
  /** Names of hosts, `*.example.org` for all below one; none: every host. */
  readonly allowHosts?: readonly string[];
  /** Goes before `allowHosts`. */
  readonly denyHosts?: readonly string[];
};

/** All the addresses of a name, as the system has them. */
type Resolve = (
  hostname: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export function addressGuard(settings: GuardSettings, resolve: Resolve = resolveName): AddressGuard {
  const { allowPrivate, privateOrigins = [], ports = [443], allowHosts = [], denyHosts = [] } = settings;
  const opened = new Set(privateOrigins.map((origin) => new URL(origin).origin));
  const openedHosts = new Set(privateOrigins.map((origin) => hostOf(new URL(origin))));
  return {
    check(url) {
      const href = plainHref(url);
      if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(`${href}: not an http address`);
      if (url.username !== '' || url.password !== '') throw refused(`${href}: credentials in an address`);
      const host = hostOf(url);
      if (denyHosts.some((pattern) => matches(host, pattern))) throw refused(`${href}: a host that is denied`);
      if (allowHosts.length > 0 && !allowHosts.some((pattern) => matches(host, pattern)))
        throw refused(`${href}: not a host that is allowed`);
      if (allowPrivate || opened.has(url.origin)) return;
      // The connection knows hosts, not origins: what is opened of a host must not open the rest of it.
      if (openedHosts.has(host)) throw refused(`${href}: only other origins of this host are opened`);
      if (url.protocol === 'http:') throw refused(`${href}: https only`);
      if (!ports.includes(Number(url.port || 443))) throw refused(`${href}: not a port that is allowed`);
      if (isIP(host) !== 0 && !isPublic(host)) throw refused(`${href}: not a public address`);
    },
    lookup(hostname, options, callback) {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '');
        const hidden = addresses.find(({ address }) => !isPublic(address));
        if (hidden && !allowPrivate && !openedHosts.has(hostname))
          return callback(refused(`${hostname} is ${hidden.address}, not a public address`), '');
        if (options.all) return callback(null, addresses);
        const [first] = addresses;
        callback(null, first?.address ?? '', first?.family);
      });
    },
  };
}

/** As it is compared: without the brackets of IPv6 and the dot that may end a name. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function matches(host: string, pattern: string): boolean {
  const wanted = pattern.toLowerCase();
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted;
}

/** A public address where a cloud answers its own machines, and only them: Azure's host, secrets included. */
const METADATA = '168.63.129.16';

/** Global unicast, in IPv6 2000::/3 only; what embeds an IPv4 address counts as what it is in the registries. */
function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast' || parsed.toString() === METADATA) return false;
  return !(parsed instanceof ipaddr.IPv6) || ((parsed.parts[0] ?? 0) & 0xe000) === 0x2000;
}

function refused(message: string): SceneError {
  return new SceneError('source.refused', message);
}
