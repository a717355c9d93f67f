import { catchError, concatMap, defer, filter, map, type Observable, of, tap } from 'rxjs';
import { failureCode, SceneError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { Classification, Delivery, Message, Outcome, Scene } from '../scene.ts';
import type { Outcomes } from '../sinks/outcomes.ts';
import { attend } from './attend.ts';
import { conclude, secondsSince } from './conclude.ts';
import { deadline } from './deadline.ts';
import { type DrawCells, drawPlaces } from './draw-places.ts';
import { fetchPatches } from './fetch-patches.ts';
import { look } from './look.ts';
import type { Observe } from './observe.ts';
import { type OpenSettings, openScene, type Reader } from './open-scene.ts';
import { type RetrySettings, retryTransient } from './retry-transient.ts';
import { pull } from './rx.ts';
import { newTrace, type Trace } from './scene-in-work.ts';
import type { StageSettings } from './stage.ts';
import { unlessLost } from './unless-lost.ts';

export type Parts = {
  readonly deliveries: AsyncIterable<Delivery>;
  /** @throws {SceneError} `message.malformed` */
  readonly parse: (message: Message) => Scene;
  readonly reader: Reader;
  readonly model: Pick<Model, 'manifest' | 'sha256' | 'backend' | 'attend' | 'look' | 'windows'>;
  readonly draw: DrawCells;
  readonly outcomes: Pick<Outcomes, 'send'>;
  readonly observe: Observe;
  /** Numbers in (0, 1), for the pauses between tries. */
  readonly random: Iterator<number, never>;
};

export type PipelineSettings = OpenSettings & {
  readonly lanes: number;
  readonly seed: number;
  readonly deadlineSeconds: StageSettings['deadlineSeconds'];
  readonly retry: RetrySettings;
  /** Time for a scene, all tries and their pauses included. */
  readonly budget: { readonly seconds: number };
};

/**
 * Classifies every scene that is delivered: exactly one outcome is sent for each message, and the message settled with
 * it. A scene's failure is an outcome; only an outcome that cannot be sent ends the stream, with its error. Work on a
 * message that goes to another member of the group is dropped, and its outcome never sent.
 */
export function classifyScenes(parts: Parts, settings: PipelineSettings): Observable<Outcome> {
  return pull(
    parts.deliveries,
    (delivery) => {
      const trace = newTrace();
      const { message } = delivery;
      parts.observe.taken();
      return defer(() => of({ scene: parts.parse(message), trace })).pipe(
        concatMap(({ scene }) => classifyScene(scene, trace, parts, settings)),
        map((classification): Outcome => ({ kind: 'classified', message, classification })),
        catchError((error: unknown) => {
          if (failureCode(error) === 'internal') parts.observe.bug(error);
          return of(failed(message, trace, error));
        }),
        concatMap((outcome) => delivery.settle(() => send(outcome, trace, parts))),
        unlessLost(delivery.lost),
        tap((outcome) => {
          if (outcome === undefined) parts.observe.moved();
          else parts.observe.sent(outcome, secondsSince(trace));
        }),
        filter((outcome) => outcome !== undefined),
      );
    },
    settings.lanes,
  );
}

/** The way of one scene. A failure that may pass starts it again from the opening of the file, which may have changed. */
export function classifyScene(
  scene: Scene,
  trace: Trace,
  { reader, model, draw, observe, random }: Omit<Parts, 'deliveries' | 'parse' | 'outcomes'>,
  settings: PipelineSettings,
): Observable<Classification> {
  const { manifest } = model;
  const stages = { ...settings, observe };
  return of({ scene, trace }).pipe(
    openScene(reader, manifest, stages),
    attend(model, stages),
    drawPlaces(draw, model, settings),
    fetchPatches(stages),
    look(model, stages),
    tap((scene) => observe.looked(scene)),
    conclude(model),
    retryTransient(settings.retry, random, (error) => {
      trace.attempts += 1;
      trace.firstFailure ??= new Date().toISOString();
      observe.retrying(failureCode(error), reasonOf(error), trace.stage);
    }),
    deadline('the scene', settings.budget.seconds, 'budget.exceeded'),
  );
}

/**
 * An event that the output refuses becomes a failure, which is sent in its place.
 * @returns what was sent
 */
async function send(outcome: Outcome, trace: Trace, { outcomes }: Pick<Parts, 'outcomes'>): Promise<Outcome> {
  try {
    await outcomes.send(outcome);
    return outcome;
  } catch (error) {
    const refused = error instanceof SceneError && error.code === 'output.rejected' && outcome.kind === 'classified';
    if (!refused) throw error;
    trace.stage = 'output';
    return send(failed(outcome.message, trace, error), trace, { outcomes });
  }
}

function failed(message: Message, { stage, attempts, firstFailure }: Trace, error: unknown): Outcome {
  const earlier = firstFailure === undefined ? {} : { firstFailure };
  const failure = { code: failureCode(error), reason: reasonOf(error), stage, attempts, ...earlier };
  return { kind: 'failed', message, failure };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
