import type { IHeaders } from 'kafkajs';

/** The header of a message that is to wait: when its turn comes, in milliseconds since 1970. */
export const NOT_BEFORE = 'saccade_not_before';

/** @returns 0 for a message that need not wait, or whose header says nothing that can be read */
export function notBefore(headers: IHeaders | undefined): number {
  const header = headers?.[NOT_BEFORE];
  const time = header === undefined ? 0 : Number(String(header));
  return Number.isFinite(time) ? time : 0;
}
