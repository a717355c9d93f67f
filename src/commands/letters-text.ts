import type { DeadLetter } from '../dead-letters.ts';

/** How dead letters are told: as lines for people, or as plain JSON. */
export function letterJson({ message, partition: _, offset: __, ...facts }: DeadLetter) {
  return { ...facts, key: text(message.key), bytes: message.value?.length ?? 0 };
}

/** With the message itself; a value that is no text is given in base64. */
export function wholeLetterJson(letter: DeadLetter) {
  const { value, headers } = letter.message;
  const texts = Object.entries(headers).map(([name, header]) => [
    name,
    Array.isArray(header) ? header.map(String) : String(header),
  ]);
  const isText = value === null || Buffer.from(value.toString('utf8')).equals(value);
  const body = isText ? { value: text(value) } : { value_base64: value.toString('base64') };
  return { ...letterJson(letter), headers: Object.fromEntries(texts), ...body };
}

export function letterLine({ id, time, code, stage, attempts, message, reason }: DeadLetter): string {
  const line = `${id}  ${time}  ${code}  ${stage}, try ${attempts}  ${text(message.key) ?? '(no key)'}  ${reason}`;
  return line.replace(/\p{Cc}/gu, escaped);
}

/** A key is whatever its producer wrote: a new line would look like another letter, and a terminal obeys an escape. */
function escaped(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export function letterLines(letter: DeadLetter): string {
  return Object.entries(wholeLetterJson(letter))
    .map(([name, fact]) => `${name.padEnd(12)}  ${typeof fact === 'string' ? fact : JSON.stringify(fact)}`)
    .join('\n');
}

/** How many of each code, the most frequent first. */
export function countCodes(letters: readonly DeadLetter[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { code } of letters) counts.set(code, (counts.get(code) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

function text(bytes: Buffer | null): string | null {
  return bytes?.toString('utf8') ?? null;
}
