import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/scene.ts';
import { jsonlMessages } from '../../../src/sources/messages/jsonl-messages.ts';

async function collect(pieces: readonly string[], maxMessageBytes = 100): Promise<[string, string][]> {
  const input = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  const found: [string, string][] = [];
  for await (const { message } of jsonlMessages(input, { name: 'stdin', maxMessageBytes }))
    found.push([message.origin, String(message.value)]);
  return found;
}

describe('jsonlMessages', () => {
  it('hands out a message per line, however the bytes arrive, and tells its line', async () => {
    expect(await collect(['{"a"', ':1}\n\n  \n{"b":2}\n{"c', '":"é"}'])).toEqual([
      ['stdin:1', '{"a":1}'],
      ['stdin:4', '{"b":2}'],
      ['stdin:5', '{"c":"é"}'],
    ]);
  });

  it('cuts a line that is too long to one byte above the limit, and goes on with the next', async () => {
    const found = await collect(['x'.repeat(30), `${'x'.repeat(30)}\n{}\n`], 40);
    expect(found.map(([, value]) => value.length)).toEqual([41, 2]);
  });

  it('reads no further than it is asked to', async () => {
    let read = 0;
    const input = Readable.from(
      (function* () {
        for (; read < 10_000; read += 1) yield Buffer.from('{}\n');
      })(),
      { objectMode: true, highWaterMark: 4 },
    );
    const iterator = jsonlMessages(input, { name: 'x', maxMessageBytes: 10 })[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    expect(read).toBeLessThan(20);
  });

  it('ends when told, even while it waits for input', async () => {
    const input = new PassThrough();
    const messages = jsonlMessages(input, { name: 'stdin', maxMessageBytes: 10 });
    const iterator: AsyncIterator<Delivery> = messages[Symbol.asyncIterator]();
    const waiting = iterator.next();
    messages.end();
    expect((await waiting).done).toBe(true);
  });

  it('hands out no second line of what it has read once it has ended', async () => {
    const input = new PassThrough();
    const messages = jsonlMessages(input, { name: 'stdin', maxMessageBytes: 10 });
    const iterator = messages[Symbol.asyncIterator]();
    input.write('{}\n{}\n{}\n');
    expect((await iterator.next()).done).toBe(false);
    messages.end();
    expect((await iterator.next()).done).toBe(true);
  });
});
