/** A URL without credentials, query and fragment: these can hold signatures, which belong in no log, event or message. */
export function plainHref(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** An address or a path as it was named, unless it holds any of those. */
export function withoutSecrets(href: string): string {
  if (!URL.canParse(href)) return href;
  const url = new URL(href);
  return url.username || url.password || url.search || url.hash ? plainHref(url) : href;
}
