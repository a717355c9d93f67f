import { describe, expect, it } from 'vitest';
import { chooseLetters } from '../../src/commands/choose-letters.ts';
import { UsageError } from '../../src/errors.ts';
import { deadLetter as letter } from '../fakes/dead-letter.ts';

describe('chooseLetters', () => {
  it.each([
    [{}, true],
    [{ code: ['cog.invalid', 'source.missing'] }, true],
    [{ code: ['cog.invalid'] }, false],
    [{ id: ['1@17'] }, true],
    [{ id: ['17@1'] }, false],
    [{ key: ['k'] }, true],
    [{ key: ['other'] }, false],
    [{ since: '2026-04-12T12:31:07+02:00' }, true],
    [{ since: '2026-04-12T10:31:08Z' }, false],
    [{ until: '2026-04-12T10:31:07Z' }, false],
    [{ until: '2026-04-13' }, true],
    [{ code: ['source.missing'], key: ['other'] }, false],
  ])('means what it says: %j', (filter, meant) => {
    expect(chooseLetters(filter)(letter)).toBe(meant);
  });

  it('tells a message without a key from one whose key is empty', () => {
    const withKey = (key: Buffer | null) => ({ ...letter, message: { ...letter.message, key } });
    expect(chooseLetters({ key: [''] })(withKey(Buffer.alloc(0)))).toBe(true);
    expect(chooseLetters({ key: [''] })(withKey(null))).toBe(false);
    expect(chooseLetters({ code: [letter.code] })(withKey(null))).toBe(true);
  });

  it('refuses what names nothing, all at once', () => {
    const filter = { code: ['source.mising'], id: ['17'], since: 'yesterday' };
    expect(() => chooseLetters(filter)).toThrow(
      new UsageError([
        '--code: source.mising is no code of a failure',
        '--id: 17 is not like 0@17',
        '--since: yesterday is no time such as 2026-04-12T10:31:07Z',
      ]),
    );
  });

  it.each(['2', 'last 2', '12/04/2026', '2026-04', '2026-04-12T10', '2026-13-01', '12 Apr 2026'])(
    'refuses %s as a time, whatever Date makes of it',
    (time) => {
      expect(() => chooseLetters({ since: time })).toThrow(`--since: ${time} is no time`);
      expect(() => chooseLetters({ until: time })).toThrow(`--until: ${time} is no time`);
    },
  );

  it.each(['2026-04-12', '2026-04-12T10:31Z', '2026-04-12T10:31:06.5Z', '2026-04-12 10:31:07+02:00'])(
    'takes %s as a time',
    (time) => {
      expect(chooseLetters({ since: time, until: '2026-04-13' })(letter)).toBe(true);
    },
  );

  it('refuses a code that is only the name of something in every object', () => {
    expect(() => chooseLetters({ code: ['constructor'] })).toThrow('--code: constructor is no code of a failure');
  });
});
