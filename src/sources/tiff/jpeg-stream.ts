import { SceneError } from '../../errors.ts';

/**
 * A TIFF tile as a JPEG file of its own (TIFF Technical Note 2): quantisation and Huffman tables, which tiles share in
 * the tag JPEGTables, are put before the tile's own segments, and the colour space, which a TIFF states in
 * PhotometricInterpretation and a JPEG in its Adobe marker, is carried over, so that no decoder has to guess it.
 */
export type JpegStream = {
  /** The file, in pieces that follow each other: parts of the tile and of the tables, not copies. */
  readonly pieces: readonly Uint8Array[];
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly precision: number;
};

const TEM = 0x01;
const RST0 = 0xd0;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const COM = 0xfe;
const YCBCR = 6;

/** More scans of a progressive image compute for seconds, over a few bytes; libtiff has the same bound. */
const MOST_SCANS = 100;
const MOST_SEGMENTS = 1000;

type Segment = { readonly marker: number; readonly bytes: Uint8Array };

/** Tiles share theirs. */
const sharedSegments = new WeakMap<Uint8Array, readonly Segment[]>();

/** @throws {SceneError} `cog.invalid` where tile or tables are not JPEG, or the tables hold an image, which would take the tile's place */
export function jpegStream(tile: Uint8Array, tables: Uint8Array | undefined, photometric: number): JpegStream {
  const own = segments(tile, 'tile');
  const shared = tables ? segmentsOf(tables) : [];
  if (shared.some(({ marker }) => isFrame(marker) || marker === SOS)) throw invalid('JPEGTables', 'holds an image');
  const [frame, another] = own.filter(({ marker }) => isFrame(marker)).map(({ bytes }) => bytes);
  if (!frame || frame.length < 10) throw invalid('tile', 'has no frame header');
  if (another) throw invalid('tile', 'has two frame headers');
  if (scans(own.at(-1)) > MOST_SCANS) throw invalid('tile', `has more than ${MOST_SCANS} scans`);
  const kept = [...shared, ...own].filter(({ marker }) => !isApplication(marker) && marker !== COM && marker !== EOI);
  const head = Uint8Array.of(0xff, SOI);
  return {
    pieces: [head, adobe(photometric), ...kept.map((segment) => segment.bytes)],
    precision: frame[4] ?? 0,
    height: ((frame[5] ?? 0) << 8) | (frame[6] ?? 0),
    width: ((frame[7] ?? 0) << 8) | (frame[8] ?? 0),
    components: frame[9] ?? 0,
  };
}

function segmentsOf(tables: Uint8Array): readonly Segment[] {
  const found = sharedSegments.get(tables) ?? segments(tables, 'JPEGTables');
  sharedSegments.set(tables, found);
  return found;
}

/** In the last segment, which holds all of them: 0xff does not stand before another byte of coded data. */
function scans({ bytes }: Segment = { marker: 0, bytes: new Uint8Array() }): number {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = Buffer.of(0xff, SOS);
  let count = 0;
  for (let at = all.indexOf(start); at >= 0 && count <= MOST_SCANS; at = all.indexOf(start, at + 2)) count += 1;
  return count;
}

/** Marker segments after SOI; the last one, SOS, runs to the end of the stream, entropy-coded data and all. */
function segments(bytes: Uint8Array, what: string): Segment[] {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw invalid(what, 'does not begin with SOI');
  const found: Segment[] = [];
  for (let at = 2; at < bytes.length; ) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === undefined) throw invalid(what, `has no marker at ${at}`);
    if (marker === 0xff) {
      at += 1; // a fill byte
      continue;
    }
    if (marker === SOS) return [...found, { marker, bytes: bytes.subarray(at) }];
    if (marker === EOI) return found;
    // What has no length would be read on at another place by a decoder, which then sees another image.
    if (marker <= TEM || (marker >= RST0 && marker <= SOI)) throw invalid(what, `has the marker ${marker} at ${at}`);
    if (found.length === MOST_SEGMENTS) throw invalid(what, `has more than ${MOST_SEGMENTS} segments`);
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) throw invalid(what, `has a segment of ${length} bytes at ${at}`);
    found.push({ marker, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return found;
}

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie among them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function isApplication(marker: number): boolean {
  return marker >= 0xe0 && marker <= 0xef;
}

/** The Adobe marker APP14: its last byte is the transform, 1 for YCbCr, 0 for none. */
function adobe(photometric: number): Uint8Array {
  const transform = photometric === YCBCR ? 1 : 0;
  return Uint8Array.of(0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform);
}

function invalid(what: string, why: string): SceneError {
  return new SceneError('cog.invalid', `JPEG ${what} ${why}`);
}
