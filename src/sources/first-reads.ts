import { RecentMap } from './bytes/recent-map.ts';

/**
 * How many bytes to read first of a file of which nothing is known: what its message says, else what was enough for
 * the last files of its folder, of the folder above, or of its host, else a guess.
 */
export type FirstReads = {
  /** @param headerBytes where the message says how long the header is (STAC `file:header_size`) */
  bytes(href: string, headerBytes?: number): number;
  /** So many bytes from the start would have been enough for the header, or for that and the overview. */
  learn(href: string, what: 'header' | 'overview', end: number): void;
};

export type FirstReadSettings = {
  /** Where nothing is known. */
  readonly firstReadBytes: number;
  /** Bring the overview as well: two trips for a scene in all, at the price of some bytes. */
  readonly twoTrips: boolean;
};

/** For header and overview, where nothing is known. */
const TWO_TRIP_BYTES = 512 * 1024;
/** Nobody reads more than this on a guess. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Whoever ends later teaches nothing: of headers, those lie at the end of their file, behind the pixels, or are read by pages. */
const LATEST_END = { header: 256 * 1024, overview: MAX_BYTES };
/** Files of one place that are remembered, and places. */
const REMEMBERED = 32;
const MAX_PLACES = 4096;

type Ends = { readonly header: number[]; readonly overview: number[] };

export function firstReads({ firstReadBytes, twoTrips }: FirstReadSettings): FirstReads {
  const places = new RecentMap<Ends>(MAX_PLACES);
  const known = (href: string, what: keyof Ends): number | undefined => {
    const ends = placesOf(href).map((place) => places.get(place)?.[what] ?? []);
    const nearest = ends.find((list) => list.length > 0);
    return nearest && roundUp(Math.max(...nearest));
  };
  return {
    bytes(href, headerBytes) {
      const header = headerBytes ?? known(href, 'header');
      const overview = known(href, 'overview');
      if (twoTrips) return bounded(Math.max(overview ?? TWO_TRIP_BYTES, header ?? 0));
      if (headerBytes !== undefined) return bounded(headerBytes);
      // An overview that fits into what would be read on a guess is worth reading with the header.
      const small = overview !== undefined && overview <= firstReadBytes ? overview : 0;
      return header === undefined ? firstReadBytes : bounded(Math.max(header, small));
    },
    learn(href, what, end) {
      if (end > LATEST_END[what]) return;
      for (const place of placesOf(href)) {
        const ends = places.get(place) ?? { header: [], overview: [] };
        ends[what].push(end);
        if (ends[what].length > REMEMBERED) ends[what].shift();
        places.set(place, ends);
      }
    },
  };
}

/** The next file's header may be a little longer: coordinates and names differ. */
function roundUp(bytes: number): number {
  return Math.ceil((bytes * 1.02) / 1024) * 1024;
}

const LEAST_BYTES = 1024;

function bounded(bytes: number): number {
  return Math.min(MAX_BYTES, Math.max(LEAST_BYTES, bytes));
}

/** The folder, those above it, and the host: nearest first, at most four of them. */
function placesOf(href: string): string[] {
  const { host, pathname } = new URL(href);
  const folders = pathname.split('/').slice(1, -1);
  const paths = folders.map((_, n) => folders.slice(0, folders.length - n).join('/'));
  return [...paths.slice(0, 3), ''].map((path) => `${host}/${path}`);
}
