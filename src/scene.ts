import type { FailureCode } from './errors.ts';
import type { Taken } from './exactly-once.ts';

/**
 * The nouns that everybody shares: what comes in (messages, scenes), what is looked at (rasters, windows, places) and
 * what goes out (classifications). Plain data only; nobody needs a library to speak of a scene.
 */

/** A message as it came, untouched, so that a dead letter can repeat it byte for byte. */
export type Message = {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
  /** Where it came from, for people: `scenes[2]@1041` or `stdin:17`. */
  readonly origin: string;
  /** Set for messages from Kafka. */
  readonly kafka?: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
    /** When it was put into the topic, in milliseconds since 1970. */
    readonly timestamp: number;
  };
  /** Of a message that was put off: its tries before this one. */
  readonly earlier?: {
    readonly attempts: number;
    /** RFC 3339. */
    readonly firstFailure: string;
    /** How often it was put off. */
    readonly steps: number;
  };
};

/** A message handed out for work. */
export type Delivery = {
  readonly message: Message;
  /** Aborted once the message has gone to somebody else: work on it is for nothing. */
  readonly lost?: AbortSignal;
  /** Told that the message has to wait without holding up those that come after it, and when that is over. */
  aside?(waits: boolean): void;
  /** Where it was taken from, for who commits that together with the result. */
  readonly taken?: Taken;
  /**
   * Sends the result, and counts the message as done once that is safe. Waits while it is not known whose the message
   * is. A send that fails leaves it undone.
   * @returns undefined when the message has gone to somebody else, and nothing was sent
   */
  settle<T>(send: () => Promise<T>): Promise<T | undefined>;
};

/** A scene as its message named it. */
export type Scene = {
  /** The message's id, else its href without credentials and query. */
  readonly id: string;
  readonly href: string;
  /** Where each band lies in a file of its own: all of them, `href` among them, in the order of `bandNames`. */
  readonly hrefs?: readonly [string, ...string[]];
  /** When the scene was acquired, RFC 3339. */
  readonly datetime?: string;
  /** The footprint that a STAC Item states; used where the file has no CRS. */
  readonly geometry?: Geometry | null;
  /** How long a STAC Item says that the header of each file is, in the order of `hrefs`. */
  readonly headerBytes?: readonly (number | undefined)[];
  /** What a STAC Item says of the file's bands: of each all its names. */
  readonly bandNames?: readonly (readonly string[])[];
  readonly properties: Readonly<Record<string, unknown>>;
};

/** GeoJSON areas (RFC 7946): longitude, latitude in degrees, exterior rings counterclockwise. */
export type Geometry =
  | { readonly type: 'Polygon'; readonly coordinates: readonly Ring[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly Ring[])[] };
export type Ring = readonly Position[];
export type Position = readonly [longitude: number, latitude: number];

export type PixelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Pixels, interleaved by pixel: sample `b` of pixel `(x, y)` is `data[(y * width + x) * bands + b]`. */
export type Raster = {
  readonly data: PixelArray;
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** 1 for each pixel that has data, else 0; absent where all have. */
  readonly valid?: Uint8Array;
  /** Of a patch: where its centre lies in the scene, as shares of the scene's width and height. */
  readonly centre?: readonly [x: number, y: number];
};

/** A rectangle of whole pixels of one level; `x` to the right, `y` down, from the top left corner. */
export type Window = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** A probability distribution over the places of a scene: `values[row * width + column]`, all ≥ 0, sum 1. */
export type AttentionMap = {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly reach?: Reach;
};

/** How many cells further on, along each axis, the patch of a cell has no pixel in common with that of another any more. */
export type Reach = { readonly x: number; readonly y: number };

/** A place that was looked at. */
export type Place = Window & {
  /** Level of the pyramid that the window counts in; 0 is the finest. */
  readonly level: number;
  /** The place's share of the scene's attention. */
  readonly attention: number;
  /** How far the place moves the log-odds of the answer (0 = not at all, negative = away from it). */
  readonly pull: number;
};

/** What reading a scene cost so far. `trips` counts reads that had to wait for an earlier one. */
export type ReadCost = { bytes: number; requests: number; trips: number; tiles: number };

/** What bytes of a file are read for. */
export type ReadKind = 'header' | 'overview' | 'patches';

export type Stage = 'open' | 'attend' | 'fetch' | 'look';
export type Confidence = 'low' | 'nominal' | 'high';

/** A scene's answer, with its evidence, its error bar and its cost. */
export type Classification = {
  readonly scene: Scene;
  readonly class: string;
  readonly confidence: Confidence;
  /** Of each class, in the model's order; sums to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** Of the answer's probability, from the draw alone (delta method); it says nothing of the model's own error. */
  readonly standardError: number;
  readonly footprint: Geometry | null;
  readonly evidence: readonly (Place & { readonly footprint: Geometry | null })[];
  /** Centre of the place with the strongest pull; null without a CRS. */
  readonly place: Position | null;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly source: { readonly etag: string | null; readonly lastModified: string | null; readonly bytes: number };
  /** `share`: tiles read of the level looked at, over all its tiles. */
  readonly read: Readonly<ReadCost> & { readonly share: number };
  readonly draw: { readonly estimator: string; readonly patches: number; readonly seed: number };
  readonly seconds: Readonly<Record<Stage | 'total', number>>;
  readonly backend: string;
  readonly processed: string;
};

/** What became of a message: exactly one of these is sent each time that it is taken. */
export type Outcome =
  | { readonly kind: 'classified'; readonly message: Message; readonly classification: Classification }
  | { readonly kind: 'failed'; readonly message: Message; readonly failure: Failure }
  | Postponed;

/** A message whose failure may pass: it goes to another topic, and is taken from there when it is due. */
export type Postponed = {
  readonly kind: 'postponed';
  readonly message: Message;
  readonly failure: Failure;
  readonly topic: string;
  /** How often it was put off, this time included. */
  readonly steps: number;
  /** When it is due, in milliseconds since 1970. */
  readonly notBefore: number;
};

export type Failure = {
  readonly code: FailureCode;
  readonly reason: string;
  readonly stage: 'message' | Stage | 'output';
  readonly attempts: number;
  /** When a try of the message first failed, RFC 3339; absent when this was the first. */
  readonly firstFailure?: string;
};
