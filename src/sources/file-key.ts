/**
 * Parameters of a query that say who may read a file and until when: by the ones that must be there, the ones that go
 * with them. Those of one kind alone prove nothing: a `token` may be all that tells one download from another.
 */
const signatures = [
  // AWS and Google, whose parameters carry their names
  { proof: [], all: /^x-(amz|goog)-/i },
  // both in their older kind
  { proof: ['awsaccesskeyid', 'signature'], all: /^(awsaccesskeyid|signature|expires)$/i },
  { proof: ['googleaccessid', 'signature'], all: /^(googleaccessid|signature|expires)$/i },
  // CloudFront
  { proof: ['key-pair-id', 'signature'], all: /^(key-pair-id|signature|expires|policy)$/i },
  // Azure
  {
    proof: ['sv', 'sig'],
    all: /^(sig|sv|st|se|sr|sp|spr|sip|srt|ss|sdd|skoid|sktid|skt|ske|sks|skv|saoid|suoid|scid)$/i,
  },
] as const;

/** What tells one file from another in an address: all but the signature, which is another one for each reader. */
export function fileKey(href: string): string {
  if (!URL.canParse(href)) return href;
  const url = new URL(href);
  const names = new Set(url.searchParams.keys());
  const given = new Set([...names].map((name) => name.toLowerCase()));
  const proven = signatures.filter(({ proof }) => proof.every((name) => given.has(name)));
  for (const name of names) if (proven.some(({ all }) => all.test(name))) url.searchParams.delete(name);
  url.searchParams.sort();
  url.username = '';
  url.password = '';
  url.hash = '';
  return url.href;
}
