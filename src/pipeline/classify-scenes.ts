import { filter, type Observable } from 'rxjs';
import { failureCode, SceneError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { RetryTopic } from '../retry-topics.ts';
import type { Classification, Delivery, Message, Outcome, Scene } from '../scene.ts';
import type { Outcomes } from '../sinks/outcomes.ts';
import { attend } from './attend.ts';
import { type Circuits, HostDown } from './circuits.ts';
import { conclude, secondsSince } from './conclude.ts';
import { type DrawCells, drawPlaces } from './draw-places.ts';
import { fetchPatches } from './fetch-patches.ts';
import { look } from './look.ts';
import type { Observe } from './observe.ts';
import { type OpenSettings, openScene, type Reader } from './open-scene.ts';
import { outcomeOfFailure, reasonOf } from './outcome-of-failure.ts';
import { askedSeconds, pauseBeforeRetry, type RetrySettings } from './pause-before-retry.ts';
import { Recall } from './recall.ts';
import { pull, type Work } from './rx.ts';
import { newTrace, type SceneInWork, type Trace } from './scene-in-work.ts';
import type { StageOf, StageSettings } from './stage.ts';
import { hostOf, throughCircuit } from './through-circuit.ts';
import { tryWithin } from './try-within.ts';
import { whenAborted } from './when-aborted.ts';

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
  /** What is known of hosts that are down; none: every try is made. */
  readonly circuits?: Circuits;
};

export type PipelineSettings = OpenSettings & {
  readonly lanes: number;
  readonly seed: number;
  readonly deadlineSeconds: StageSettings['deadlineSeconds'];
  readonly retry: RetrySettings;
  /** Where messages wait whose failure may pass, one after the other; none: they are dead letters. */
  readonly retryTopics?: readonly RetryTopic[];
  /** Time for a scene, all tries and their pauses included. */
  readonly budget: { readonly seconds: number };
};

/**
 * Classifies every scene that is delivered: exactly one outcome is sent for each message, and the message settled with
 * it. A scene's failure is an outcome; only an outcome that cannot be sent ends the stream, with its error. Work on a
 * message that goes to another member of the group is dropped, and its outcome never sent.
 */
export function classifyScenes(parts: Parts, settings: PipelineSettings): Observable<Outcome> {
  const { deliveries, observe } = parts;
  const answer = answerTo(parts, settings);
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

type MessageInWork = { readonly delivery: Delivery; readonly trace: Trace; readonly recall: Recall };

/** From a message to its outcome being sent. @returns undefined when it was recalled: nothing was sent */
function answerTo(parts: Parts, settings: PipelineSettings): (work: MessageInWork) => Promise<Outcome | undefined> {
  const classify = untilAnswered(wayOfScene(parts, settings), parts, settings);
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

/** The way of one scene. */
function wayOfScene(
  { reader, model, draw, observe }: Pick<Parts, 'reader' | 'model' | 'draw' | 'observe'>,
  settings: PipelineSettings,
): StageOf<SceneInWork, Classification> {
  const stages = { ...settings, observe };
  const open = openScene(reader, model.manifest, stages);
  const score = attend(model, stages);
  const choose = drawPlaces(draw, model, settings);
  const fetch = fetchPatches(stages);
  const judge = look(model, stages);
  const answer = conclude(model);
  return async (scene, signal) => {
    const opened = await open(scene, signal);
    const attended = await score(opened, signal);
    const drawn = choose(attended);
    const fetched = await fetch(drawn, signal);
    const seen = await judge(fetched, signal);
    observe.looked(seen);
    return answer(seen);
  };
}

/** A failure that may pass starts a scene again from the opening of the file, which may have changed. */
function untilAnswered(
  way: StageOf<SceneInWork, Classification>,
  { observe, random, circuits }: Pick<Parts, 'observe' | 'random' | 'circuits'>,
  settings: PipelineSettings,
): (scene: SceneInWork, recall: Recall) => Promise<Classification> {
  const { seconds } = settings.budget;
  const late = () => new SceneError('budget.exceeded', `the scene took longer than ${seconds} s`);
  const retry = { ...settings.retry, random };
  // A host that is down, or wants to be left alone for long, is waited for elsewhere, if there is a place.
  const canPutOff = (settings.retryTopics ?? []).length > 0;
  const isLong = (error: unknown) => error instanceof HostDown || askedSeconds(error) > retry.maxSeconds;
  return (scene, recall) => {
    const { trace } = scene;
    trace.stage = 'open';
    const host = circuits && hostOf(scene.scene.href);
    const attempt = (signal: AbortSignal) =>
      circuits ? throughCircuit({ circuits, host }, (signal) => way(scene, signal), signal) : way(scene, signal);
    const pause = (error: unknown, failures: number) => {
      if (canPutOff && isLong(error)) return undefined;
      const pause = pauseBeforeRetry(error, failures, retry);
      if (pause === undefined) return undefined;
      trace.attempts += 1;
      trace.firstFailure ??= new Date().toISOString();
      observe.retrying(failureCode(error), reasonOf(error), trace.stage);
      return pause;
    };
    return tryWithin({ attempt, pause }, { seconds, late, recall });
  };
}

type Sending = {
  readonly trace: Trace;
  readonly delivery: Delivery;
  readonly parts: Pick<Parts, 'outcomes'>;
  readonly settings: PipelineSettings;
};

/**
 * What the output refuses becomes a failure, which is sent in its place.
 * @returns what was sent
 */
function send(outcome: Outcome, sending: Sending): Promise<Outcome> {
  const { delivery, parts, trace, settings } = sending;
  return parts.outcomes.send(outcome, delivery.lost).then(
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
  ...[trace, settings]: [Trace, PipelineSettings]
): Outcome {
  const { message } = outcome;
  if (outcome.kind === 'postponed') return { kind: 'failed', message, failure: outcome.failure };
  trace.stage = 'output';
  return outcomeOf(message, error, trace, settings);
}

function outcomeOf(message: Message, error: unknown, ...[trace, settings]: [Trace, PipelineSettings]): Outcome {
  return outcomeOfFailure(message, error, { trace, retryTopics: settings.retryTopics ?? [], now: Date.now() });
}
