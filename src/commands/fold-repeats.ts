import type { LogKafka } from '../kafka.ts';

const REPEAT_SECONDS = 60;
/** Messages are few, but some hold an address or a number. */
const MOST_REMEMBERED = 500;

/**
 * Tells a warning or an error once a minute; when it comes again it is a detail. In an outage each of several clients
 * has a line for each of its tries.
 */
export function foldRepeats(log: LogKafka, now = () => performance.now()): LogKafka {
  const told = new Map<string, number>();
  return (level, message, details) => {
    if (level !== 'warn' && level !== 'error') return log(level, message, details);
    const last = told.get(message) ?? Number.NEGATIVE_INFINITY;
    if (now() - last < 1000 * REPEAT_SECONDS) return log('debug', message, details);
    if (told.size >= MOST_REMEMBERED) told.clear();
    told.set(message, now());
    log(level, message, details);
  };
}
