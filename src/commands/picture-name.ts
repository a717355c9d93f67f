import { createHash } from 'node:crypto';

/** Files' names may have 255 bytes; the rest is left for what a picture is of, and a temporary ending. */
const MOST = 200;

/**
 * The file's name, without an ending, of a picture of a scene, which may be named anything: it leads into no other folder
 * and is of ASCII alone. One that would be too long is cut off and told apart by a hash.
 */
export function pictureName(id: string): string {
  const name = encodeURIComponent(Buffer.from(id).toString()); // by way of UTF-8, which half a pair of code units has none of
  if (name.length <= MOST) return name;
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 16);
  return `${name.slice(0, MOST - hash.length - 1)}-${hash}`;
}

/** Names the pictures of scenes one after another: an id that occurs again, as where data sets are joined, gets a number. */
export function pictureNames(): (id: string) => string {
  const given = new Set<string>();
  return (id) => {
    const name = pictureName(id);
    let free = name;
    for (let n = 2; given.has(free); n += 1) free = `${name}-${n}`;
    given.add(free);
    return free;
  };
}
