import { filter, type Observable } from 'rxjs';
import type { Delivery, Outcome } from '../scene.ts';
import { type AnswerParts, answerMessage } from './answer-message.ts';
import type { SceneSettings } from './classify-scene.ts';
import { secondsSince } from './conclude.ts';
import { Recall } from './recall.ts';
import { pull, type Work } from './rx.ts';
import { newTrace } from './scene-in-work.ts';
import { whenAborted } from './when-aborted.ts';

export type Parts = AnswerParts & { readonly deliveries: AsyncIterable<Delivery> };
export type PipelineSettings = SceneSettings & { readonly lanes: number };

/**
 * Classifies every scene that is delivered: exactly one outcome is sent for each message, and the message settled with
 * it. A scene's failure is an outcome; only an outcome that cannot be sent ends the stream, with its error. Work on a
 * message that goes to another member of the group is dropped, and its outcome never sent.
 */
export function classifyScenes(parts: Parts, settings: PipelineSettings): Observable<Outcome> {
  const { deliveries, observe } = parts;
  const answer = answerMessage(parts, settings);
  const begin = (delivery: Delivery): Work<Outcome | undefined> => {
    const work = { delivery, trace: newTrace(), recall: new Recall() };
    const moved = () => {
      work.recall.now();
      observe.moved();
    };
    const keep = (outcome: Outcome | undefined) => {
      forget?.();
      if (outcome !== undefined) observe.sent(outcome, secondsSince(work.trace));
      return outcome;
    };
    observe.taken();
    const forget = delivery.lost && whenAborted(delivery.lost, moved);
    const stop = () => work.recall.now();
    return { result: work.recall.unless(answer(work)).then(keep), stop };
  };
  return pull(deliveries, begin, settings.lanes).pipe(filter((outcome) => outcome !== undefined));
}
