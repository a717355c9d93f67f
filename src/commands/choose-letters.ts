import type { DeadLetter } from '../dead-letters.ts';
import { failures, UsageError } from '../errors.ts';

/** Which dead letters are meant; what is not named does not matter. */
export type LetterFilter = {
  readonly code?: readonly string[];
  readonly id?: readonly string[];
  /** Key of the message, as text. */
  readonly key?: readonly string[];
  /** Given up at this time or later: RFC 3339, or a day alone; without a zone it is local time, a day is UTC's. */
  readonly since?: string;
  /** Given up before this time. */
  readonly until?: string;
};

/**
 * Decides which dead letters are meant.
 * @throws {UsageError} for a code, an id or a time that is none
 */
export function chooseLetters({ code, id, key, since, until }: LetterFilter): (letter: DeadLetter) => boolean {
  const mistakes = [
    ...(code ?? [])
      .filter((name) => !Object.hasOwn(failures, name))
      .map((name) => `--code: ${name} is no code of a failure`),
    ...(id ?? []).filter((name) => !/^\d+@\d+$/.test(name)).map((name) => `--id: ${name} is not like 0@17`),
    ...Object.entries({ since, until }).flatMap(([name, time]) =>
      time !== undefined && !isTime(time) ? [`--${name}: ${time} is no time such as 2026-04-12T10:31:07Z`] : [],
    ),
  ];
  if (mistakes.length > 0) throw new UsageError(mistakes);
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  const to = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  const isNamed = (names: readonly string[] | undefined, name: string) => names === undefined || names.includes(name);
  return (letter) => {
    const time = Date.parse(letter.time);
    const isThen = time >= from && time < to;
    // A message without a key has not the empty one.
    const hasKey = key === undefined || (letter.message.key !== null && isNamed(key, `${letter.message.key}`));
    return isThen && isNamed(code, letter.code) && isNamed(id, letter.id) && hasKey;
  };
}

const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** `Date.parse` alone takes "last 2" for February 2001, and 12/04/2026 for December: a replay would send what nobody meant. */
function isTime(text: string): boolean {
  return TIME.test(text) && !Number.isNaN(Date.parse(text));
}
