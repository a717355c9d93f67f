import { failureCode, failures } from '../errors.ts';
import type { RetryTopic } from '../retry-topics.ts';
import type { Message, Outcome } from '../scene.ts';
import type { Trace } from './scene-in-work.ts';

/**
 * Decides what becomes of a message whose scene failed: where the failure may pass and a retry topic is left it is put
 * off, else it is a dead letter. Tries and the first failure are counted from the first time that it was taken.
 * @param now in milliseconds since 1970
 */
export function outcomeOfFailure(
  message: Message,
  error: unknown,
  { trace, retryTopics, now }: { trace: Trace; retryTopics: readonly RetryTopic[]; now: number },
): Extract<Outcome, { failure: unknown }> {
  const { earlier, kafka } = message;
  const code = failureCode(error);
  const firstFailure = earlier?.firstFailure ?? trace.firstFailure;
  const failure = {
    code,
    reason: reasonOf(error),
    stage: trace.stage,
    attempts: (earlier?.attempts ?? 0) + trace.attempts,
    ...(firstFailure !== undefined && { firstFailure }),
  };
  const next = failures[code].transient && kafka !== undefined ? retryTopics[earlier?.steps ?? 0] : undefined;
  if (next === undefined) return { kind: 'failed', message, failure };
  const steps = (earlier?.steps ?? 0) + 1;
  return { kind: 'postponed', message, failure, topic: next.topic, steps, notBefore: now + 1000 * next.seconds };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
