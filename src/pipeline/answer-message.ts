import { failureCode, SceneError } from '../errors.ts';
import type { Delivery, Message, Outcome, Scene } from '../scene.ts';
import type { Outcomes } from '../sinks/outcomes.ts';
import { classifyScene, type SceneParts, type SceneSettings } from './classify-scene.ts';
import { outcomeOfFailure } from './outcome-of-failure.ts';
import type { Recall } from './recall.ts';
import type { Trace } from './scene-in-work.ts';

export type AnswerParts = SceneParts & {
  /** @throws {SceneError} `message.malformed` */
  readonly parse: (message: Message) => Scene;
  readonly outcomes: Pick<Outcomes, 'send'>;
};

export type MessageInWork = { readonly delivery: Delivery; readonly trace: Trace; readonly recall: Recall };

/**
 * Answers a message with one outcome, and settles it with that: a failure is an outcome too.
 * @returns what was sent; undefined when the message was recalled, and nothing was
 */
export function answerMessage(
  parts: AnswerParts,
  settings: SceneSettings,
): (work: MessageInWork) => Promise<Outcome | undefined> {
  const classify = classifyScene(parts, settings);
  const found = async ({ delivery: { message }, trace, recall }: MessageInWork): Promise<Outcome> => {
    try {
      const classification = await classify({ scene: parts.parse(message), trace }, recall);
      return { kind: 'classified', message, classification };
    } catch (error) {
      if (failureCode(error) === 'internal') parts.observe.bug(error);
      return outcomeOf(message, error, trace, settings);
    }
  };
  return async (work) => {
    const outcome = await found(work);
    const { delivery, trace, recall } = work;
    if (recall.recalled) return undefined;
    return delivery.settle(() => send(outcome, { trace, delivery, parts, settings }));
  };
}

type Sending = {
  readonly trace: Trace;
  readonly delivery: Delivery;
  readonly parts: Pick<AnswerParts, 'outcomes'>;
  readonly settings: SceneSettings;
};

/**
 * What the output refuses becomes a failure, which is sent in its place.
 * @returns what was sent
 */
function send(outcome: Outcome, sending: Sending): Promise<Outcome> {
  const { delivery, parts, trace, settings } = sending;
  return parts.outcomes.send(outcome, delivery).then(
    () => outcome,
    (error: unknown) => {
      const isRefused = error instanceof SceneError && error.code === 'output.rejected' && outcome.kind !== 'failed';
      if (!isRefused) throw error;
      return send(instead(outcome, error, trace, settings), sending);
    },
  );
}

/** A message that cannot be put off fails as it did; an event that is refused is a failure of its own. */
function instead(
  outcome: Exclude<Outcome, { kind: 'failed' }>,
  error: SceneError,
  ...[trace, settings]: [Trace, SceneSettings]
): Outcome {
  const { message } = outcome;
  if (outcome.kind === 'postponed') return { kind: 'failed', message, failure: outcome.failure };
  trace.stage = 'output';
  return outcomeOf(message, error, trace, settings);
}

function outcomeOf(message: Message, error: unknown, ...[trace, settings]: [Trace, SceneSettings]): Outcome {
  return outcomeOfFailure(message, error, { trace, retryTopics: settings.retryTopics ?? [], now: Date.now() });
}
