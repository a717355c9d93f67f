import type { Message } from '../../scene.ts';
import { readLetterRecord } from './dead-letter-record.ts';

/**
 * The message that was put off, as it first came: its own headers, its time, and its place in the input topic, so that whatever
 * becomes of it is told of the original. What somebody else has put into a retry topic stays what it is.
 * @param message as found in a retry topic
 */
export function restoreMessage(message: Message): Message {
  const { key, value, headers, kafka } = message;
  if (kafka === undefined) return message;
  const found = readLetterRecord({ key, value, headers, partition: kafka.partition, offset: kafka.offset });
  if (found === undefined || !('letter' in found)) return message;
  const { source, attempts, firstFailure, message: original } = found.letter;
  const steps = Number(String(headers['saccade_retry_steps']));
  const timestamp = Number(String(headers['saccade_timestamp']));
  return {
    ...original,
    origin: `${source.topic}[${source.partition}]@${source.offset}`,
    // Versions up to 0.1.0 gave the record the message's own time, in place of a header.
    kafka: { ...source, timestamp: Number.isSafeInteger(timestamp) ? timestamp : kafka.timestamp },
    earlier: { attempts, firstFailure, steps: Number.isSafeInteger(steps) ? steps : 1 },
  };
}
