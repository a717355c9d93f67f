import type { Writable } from 'node:stream';
import type { Outcome } from '../scene.ts';
import { classificationEvent, type EventSettings, eventLine } from './classification-event.ts';
import { deadLetterLine } from './dead-letter.ts';
import type { Outcomes } from './outcomes.ts';

export type JsonlSettings = EventSettings & { readonly version: string };

/** Writes events as lines of JSON to one stream, dead letters to another, so that each can be piped on alone. */
export function jsonlOutcomes(
  events: Writable,
  deadLetters: Writable,
  { version, ...settings }: JsonlSettings,
): Outcomes {
  // A failed write is told to whoever sent it; without a listener it would end the process as well.
  for (const stream of [events, deadLetters]) stream.on('error', () => {});
  return {
    async send(outcome: Outcome) {
      if (outcome.kind === 'classified')
        await write(events, eventLine(classificationEvent(outcome.classification, settings)));
      else await write(deadLetters, deadLetterLine(outcome.message, outcome.failure, { version, time: new Date() }));
    },
    trouble: () => undefined, // a stream that breaks ends the work at once
    watch() {}, // each write waits for its reader by itself
    async close() {},
  };
}

/** Resolves once the line has left, which is what makes a slow reader slow the scenes. */
function write(stream: Writable, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  });
}
