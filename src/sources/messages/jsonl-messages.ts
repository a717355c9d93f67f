import type { Readable } from 'node:stream';
import type { Message } from '../../scene.ts';
import type { MessageSource } from './message-source.ts';

/**
 * Takes messages from a stream of lines, one JSON text each, reading no further than it is asked to. Blank lines are
 * skipped. A line that is too long becomes a message cut to one byte above the limit, so that it is refused for its
 * length and costs no more memory than that.
 */
export function jsonlMessages(
  input: Readable,
  { name, maxMessageBytes }: { name: string; maxMessageBytes: number },
): MessageSource {
  const ending = new AbortController();
  async function* deliveries() {
    let number = 0;
    for await (const line of lines(input, maxMessageBytes + 1, ending.signal)) {
      number += 1;
      if (line.toString('utf8').trim() === '') continue;
      const message: Message = { key: null, value: line, headers: {}, origin: `${name}:${number}` };
      // A stream of lines does not remember how far it was read.
      yield { message, settle: <T>(send: () => Promise<T>) => send() };
    }
  }
  const end = () => {
    ending.abort();
    input.destroy();
  };
  return { [Symbol.asyncIterator]: deliveries, end, close: async () => end() };
}

const NEWLINE = 0x0a;

/** The lines of a stream without their newlines, each cut to `limit` bytes. */
async function* lines(input: Readable, limit: number, ending: AbortSignal): AsyncGenerator<Buffer> {
  let line: Buffer = Buffer.alloc(0);
  const append = (piece: Buffer) => {
    if (line.length < limit) line = Buffer.concat([line, piece.subarray(0, limit - line.length)]);
  };
  for await (const chunk of chunks(input, ending)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      append(chunk.subarray(start, end));
      yield line;
      if (ending.aborted) return;
      line = Buffer.alloc(0);
      start = end + 1;
    }
    append(chunk.subarray(start));
  }
  if (line.length > 0 && !ending.aborted) yield line;
}

/** Ending destroys the stream, which ends a read that waits for input that may never come. */
async function* chunks(input: Readable, ending: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of input) yield Buffer.from(chunk);
  } catch (error) {
    if (!ending.aborted) throw error;
  }
}
