import { describe, expect, it } from 'vitest';
import { letterLine } from '../../src/commands/letters-text.ts';
import { deadLetter as letter } from '../fakes/dead-letter.ts';

describe('letterLine', () => {
  it('is one line, and has no escape that a terminal would obey, whatever the key is', () => {
    const key = Buffer.from('a\nb\u001b[31mc\u009bü');
    expect(letterLine({ ...letter, message: { ...letter.message, key } })).toBe(
      '1@17  2026-04-12T10:31:07.000Z  source.missing  open, try 1  a\\u000ab\\u001b[31mc\\u009bü  it does not exist',
    );
  });
});
