/** Parameters of a query that say who may read a file and until when, by the habits of AWS, Google, Azure and CloudFront. */
const signatures = [
  'x-(amz|goog)-.*|awsaccesskeyid|googleaccessid|signature|expires|policy|key-pair-id|token|access_token',
  'sig|sv|st|se|sr|sp|spr|sip|srt|ss|sdd|skoid|sktid|skt|ske|sks|skv|saoid|suoid|scid',
];
const SIGNATURE = new RegExp(`^(${signatures.join('|')})$`, 'i');

/**
 * What tells one file from another in an address: all but the signature, which is another one for each reader. What is
 * taken for a signature and is none does no harm: a file's identity is compared with every range of it.
 */
export function fileKey(href: string): string {
  if (!URL.canParse(href)) return href;
  const url = new URL(href);
  for (const name of new Set(url.searchParams.keys())) if (SIGNATURE.test(name)) url.searchParams.delete(name);
  url.searchParams.sort();
  url.username = '';
  url.password = '';
  url.hash = '';
  return url.href;
}
