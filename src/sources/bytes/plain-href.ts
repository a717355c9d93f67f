/** A URL without credentials, query and fragment: these can hold signatures, which belong in no log, event or message. */
export function plainHref(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
