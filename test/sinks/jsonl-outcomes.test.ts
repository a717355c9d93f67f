import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/scene.ts';
import { jsonlOutcomes } from '../../src/sinks/jsonl-outcomes.ts';
import { classification, sceneMessage } from '../fakes/classification.ts';

const settings = { source: 'saccade', anyResolution: false, version: '0.1.0' };
const classified: Outcome = { kind: 'classified', message: sceneMessage, classification };
const failed: Outcome = {
  kind: 'failed',
  message: sceneMessage,
  failure: { code: 'internal', reason: 'r', stage: 'look', attempts: 1 },
};

/** Keeps what it is given; takes the next line only when it is let. */
class Reader extends Writable {
  text = '';
  release = () => {};
  override _write(chunk: Buffer, _encoding: string, taken: (error?: Error) => void): void {
    this.text += chunk;
    this.release = taken;
  }
}

const willing = () => new Writable({ write: (_chunk, _encoding, taken) => taken() });

describe('jsonlOutcomes', () => {
  it('writes events to one stream and dead letters to the other, a line each', async () => {
    const [events, deadLetters] = [new Reader(), new Reader()];
    const outcomes = jsonlOutcomes(events, deadLetters, settings);
    const sent = [outcomes.send(classified), outcomes.send(failed)];
    events.release();
    deadLetters.release();
    await Promise.all(sent);
    expect(JSON.parse(events.text)).toMatchObject({ specversion: '1.0', data: { properties: { class: 'ferry' } } });
    expect(JSON.parse(deadLetters.text)).toMatchObject({ saccade_code: 'internal', value: '{"href":"x"}' });
    expect([events.text, deadLetters.text].every((text) => text.endsWith('}\n'))).toBe(true);
  });

  it('waits for a reader that is slow', async () => {
    const events = new Reader();
    let sent = false;
    const sending = jsonlOutcomes(events, willing(), settings)
      .send(classified)
      .then(() => {
        sent = true;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBe(false);
    events.release();
    await sending;
  });

  it('fails when the reader has gone', async () => {
    const gone = new Writable({ write: (_chunk, _encoding, taken) => taken(new Error('EPIPE')) });
    await expect(jsonlOutcomes(gone, willing(), settings).send(classified)).rejects.toThrow('EPIPE');
  });
});
