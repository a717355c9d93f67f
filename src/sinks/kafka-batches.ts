import type { IHeaders } from 'kafkajs';

/** What is asked of a record: how large it is. */
export type Sizeable = {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers: IHeaders;
};

export type BatchParts<T extends Sizeable> = {
  /** Resolves once all are safe. */
  readonly send: (records: readonly T[]) => Promise<unknown>;
  /** Whether a record is safe of those whose sending has failed. */
  readonly isTaken: (record: T) => boolean;
  /** Whether an error may be the fault of one record among many, or of their being many. */
  readonly isRefusal: (error: unknown) => boolean;
  /** Whether it is about how large the batch is. */
  readonly isTooLarge: (error: unknown) => boolean;
  /** Batches that may be under way at once; three, where nothing is said. */
  readonly underWay?: number;
};

/** A broker takes record batches of 1 MB, if nobody has told it otherwise; texts are counted by their characters. */
const MAX_BYTES = 500_000;
const MAX_RECORDS = 1000;
/** A topic for which this is too much takes each record by itself, after one refusal. */
const LEAST_BYTES = 16_000;
/** While so many are under way, records gather for the next. */
const UNDER_WAY = 3;

type Waiting<T> = { readonly record: T; resolve(): void; reject(error: unknown): void };

/**
 * Sends records together that come together: a request for each would cost more than everything else. Nothing waits for
 * company: a record that comes alone leaves at once. Each sender is told of its own record. Where a batch is refused
 * what is left of it is sent one by one; was it too large, batches are half as large from then on.
 */
export class KafkaBatches<T extends Sizeable> {
  readonly #parts: BatchParts<T>;
  readonly #waiting: Waiting<T>[] = [];
  #underWay = 0;
  #scheduled = false;
  /** When something was last safe, or began to be sent after nothing was; undefined while there is nothing to send. */
  #movedAt: number | undefined;
  #maxBytes = MAX_BYTES;

  constructor(parts: BatchParts<T>) {
    this.#parts = parts;
  }

  /** For how long there has been something to send, and nothing became safe. */
  get stuckSeconds(): number {
    return this.#movedAt === undefined ? 0 : (performance.now() - this.#movedAt) / 1000;
  }

  /** Resolves once the record is safe; rejects with the error that is its own, or its batch's. */
  send(record: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#movedAt ??= performance.now();
      this.#waiting.push({ record, resolve, reject });
      this.#schedule();
    });
  }

  /** Once everything at hand has been done: lanes that finish together send together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#waiting.length > 0 && this.#underWay < (this.#parts.underWay ?? UNDER_WAY))
        void this.#sendTogether(this.#next());
    });
  }

  #next(): Waiting<T>[] {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ record }, at) => {
      bytes += sizeOf(record);
      return at > 0 && (bytes > this.#maxBytes || at >= MAX_RECORDS);
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #sendTogether(batch: readonly Waiting<T>[]): Promise<void> {
    this.#underWay += 1;
    try {
      await this.#parts.send(batch.map(({ record }) => record));
      this.#movedAt = performance.now();
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const left = batch.filter(({ record }) => !this.#parts.isTaken(record));
      for (const { record, resolve } of batch) if (this.#parts.isTaken(record)) resolve();
      const isOne = left.length === 1 || !this.#parts.isRefusal(error);
      if (isOne) for (const { reject } of left) reject(error);
      else {
        if (this.#parts.isTooLarge(error)) this.#halve(left);
        await this.#sendApart(left);
      }
    } finally {
      this.#underWay -= 1;
      if (this.#waiting.length > 0) this.#schedule();
      else if (this.#underWay === 0) this.#movedAt = undefined;
    }
  }

  /** Of two records one may be too large by itself, which says little of others. */
  #halve(batch: readonly Waiting<T>[]): void {
    const bytes = batch.reduce((sum, { record }) => sum + sizeOf(record), 0);
    this.#maxBytes = Math.max(LEAST_BYTES, Math.floor(Math.min(this.#maxBytes, bytes) / 2));
  }

  async #sendApart(batch: readonly Waiting<T>[]): Promise<void> {
    for (const { record, resolve, reject } of batch) {
      await this.#parts.send([record]).then(resolve, reject);
      this.#movedAt = performance.now();
    }
  }
}

/** In bytes, about: what each record takes besides is little, and headers are of one kind. */
function sizeOf({ key, value, headers }: Sizeable): number {
  let size = (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) {
    const header = headers[name];
    size += name.length;
    // Of a header that is there twice kafkajs gives null, whatever its types say, where one of them has no value.
    if (Array.isArray(header))
      for (const one of header as readonly (Buffer | string | null)[]) size += one?.length ?? 0;
    else size += header?.length ?? 0;
  }
  return size;
}
