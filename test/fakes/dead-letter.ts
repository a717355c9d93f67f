import type { DeadLetter } from '../../src/dead-letters.ts';

/** A dead letter of a scene that was not there. */
export const deadLetter: DeadLetter = {
  id: '1@17',
  partition: 1,
  offset: '17',
  message: { key: Buffer.from('k'), value: null, headers: {} },
  code: 'source.missing',
  reason: 'it does not exist',
  stage: 'open',
  attempts: 1,
  firstFailure: '2026-04-12T10:00:00.000Z',
  time: '2026-04-12T10:31:07.000Z',
  version: '0.1.0',
  source: { topic: 'scenes', partition: 1, offset: '4' },
};
