import { lookup } from 'node:dns';
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

/** @param allowPrivate opens http:, loopback, private and reserved addresses: for tests and closed networks */
export function addressGuard(allowPrivate: boolean): AddressGuard {
  return {
    check(url) {
      const href = plainHref(url);
      if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(`${href}: not an http address`);
      if (url.username !== '' || url.password !== '') throw refused(`${href}: credentials in an address`);
      if (allowPrivate) return;
      if (url.protocol === 'http:') throw refused(`${href}: https only`);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) !== 0 && !isPublic(host)) throw refused(`${href}: not a public address`);
    },
    lookup(hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '');
        const hidden = addresses.find(({ address }) => !isPublic(address));
        if (hidden && !allowPrivate)
          return callback(refused(`${hostname} is ${hidden.address}, not a public address`), '');
        if (options.all) return callback(null, addresses);
        const [first] = addresses;
        callback(null, first?.address ?? '', first?.family);
      });
    },
  };
}

/** Global unicast, in IPv6 2000::/3 only; what embeds an IPv4 address counts as what it is in the registries. */
function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return !(parsed instanceof ipaddr.IPv6) || ((parsed.parts[0] ?? 0) & 0xe000) === 0x2000;
}

function refused(message: string): SceneError {
  return new SceneError('source.refused', message);
}
