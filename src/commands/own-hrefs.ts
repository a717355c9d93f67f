/** Settings of a reader for hrefs that a person typed: any file and any address is theirs to read. */
export const ownHrefs = { allowPrivate: true, allowHosts: [], denyHosts: [], buckets: [], roots: ['/'] } as const;
