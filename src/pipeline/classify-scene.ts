import { failureCode, SceneError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { RetryTopic } from '../retry-topics.ts';
import type { Classification } from '../scene.ts';
import { attend } from './attend.ts';
import { type Circuits, HostDown } from './circuits.ts';
import { conclude } from './conclude.ts';
import { Deadlines } from './deadlines.ts';
import { type DrawCells, drawPlaces } from './draw-places.ts';
import { fetchPatches } from './fetch-patches.ts';
import { look } from './look.ts';
import type { Observe } from './observe.ts';
import { type OpenSettings, openScene, type Reader } from './open-scene.ts';
import { reasonOf } from './outcome-of-failure.ts';
import { askedSeconds, pauseBeforeRetry, type RetrySettings } from './pause-before-retry.ts';
import type { Recall } from './recall.ts';
import type { SceneInWork, StageOf } from './scene-in-work.ts';
import { SpareControllers } from './spare-controllers.ts';
import { StageClock, type StageParts, type StageSettings } from './stage-clock.ts';
import { hostOf, throughCircuit } from './through-circuit.ts';
import { tryWithin } from './try-within.ts';

export type SceneParts = {
  readonly reader: Reader;
  readonly model: Pick<Model, 'manifest' | 'sha256' | 'backend' | 'attend' | 'look' | 'windows'>;
  readonly draw: DrawCells;
  readonly observe: Observe;
  /** Numbers in (0, 1), for the pauses between tries. */
  readonly random: Iterator<number, never>;
  /** What is known of hosts that are down; none: every try is made. */
  readonly circuits?: Circuits;
};

export type SceneSettings = OpenSettings & {
  readonly seed: number;
  readonly deadlineSeconds: StageSettings['deadlineSeconds'];
  readonly retry: RetrySettings;
  /** Where messages wait whose failure may pass, one after the other; none: they are dead letters. */
  readonly retryTopics?: readonly RetryTopic[];
  /** Time for a scene, all tries and their pauses included. */
  readonly budget: { readonly seconds: number };
};

/** Classifies one scene. A failure that may pass starts it again from the opening of the file, which may have changed. */
export function classifyScene(
  parts: SceneParts,
  settings: SceneSettings,
): (scene: SceneInWork, recall: Recall) => Promise<Classification> {
  const { observe, random, circuits } = parts;
  const [deadlines, controllers] = [new Deadlines(), new SpareControllers()];
  const way = wayOf({ ...parts, deadlines }, settings);
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
    return tryWithin({ attempt, pause }, { seconds, late, recall, deadlines, controllers });
  };
}

/** The way of a scene through its stages, once. */
function wayOf(parts: SceneParts & StageParts, settings: SceneSettings): StageOf<SceneInWork, Classification> {
  const { model, draw, observe } = parts;
  const open = openScene(parts, model.manifest, settings);
  const score = attend(model);
  const choose = drawPlaces(draw, model, settings);
  const fetch = fetchPatches(observe);
  const judge = look(model);
  const answer = conclude(model);
  const go = async (scene: SceneInWork, signal: AbortSignal, clock: StageClock) => {
    try {
      clock.begin('open');
      const opened = await open(scene, signal);
      clock.end();
      clock.begin('attend');
      const attended = await score(opened, signal);
      clock.end();
      const drawn = choose(attended);
      clock.begin('fetch');
      const fetched = await fetch(drawn, signal);
      clock.end();
      clock.begin('look');
      const seen = await judge(fetched, signal);
      clock.end();
      observe.looked(seen);
      return answer(seen);
    } finally {
      clock.stop();
    }
  };
  return (scene, signal) =>
    new Promise((resolve, reject) => {
      const clock = new StageClock({ trace: scene.trace, signal, fail: reject }, parts, settings);
      go(scene, signal, clock).then(resolve, reject);
    });
}
