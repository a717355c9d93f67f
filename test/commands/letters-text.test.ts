import { describe, expect, it } from 'vitest';
import { letterLine } from '../../src/commands/letters-text.ts';
import type { DeadLetter } from '../../src/dead-letters.ts';

const letter: DeadLetter = {
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

describe('letterLine', () => {
  it('is one line, and has no escape that a terminal would obey, whatever the key is', () => {
    const key = Buffer.from('a\nb\u001b[31mc\u009bü');
    expect(letterLine({ ...letter, message: { ...letter.message, key } })).toBe(
      '1@17  2026-04-12T10:31:07.000Z  source.missing  open, try 1  a\\u000ab\\u001b[31mc\\u009bü  it does not exist',
    );
  });
});
