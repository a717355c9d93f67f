import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SceneError } from '../errors.ts';
import type { WindowStack } from '../model/geometry.ts';
import type { ScheduledAdam } from './adam.ts';
import { restoreCheckpoint, type Standing, saveCheckpoint, takeNetworks, warmStart } from './checkpoint.ts';
import { drawCurves } from './draw-curves.ts';
import { errorOf } from './evaluation.ts';
import { expectNumbers } from './expect-numbers.ts';
import type { Experiment } from './experiment.ts';
import type { LabelledScene } from './labels.ts';
import { lostNumbers } from './lost-numbers.ts';
import { type ShownScenes, showScenes } from './prepare-batch.ts';
import { readAhead } from './read-ahead.ts';
import type { SceneStore } from './scene-store.ts';
import { learningRateAt, stageOf } from './schedule.ts';
import type { StepFacts } from './trainer.ts';
import { appendLog, readLog, rewindLog } from './training-log.ts';
import type { Judged } from './validate.ts';

/**
 * The one loop in which everything is trained, the model and its rivals alike: step by step, judged now and then, kept,
 * and taken up again where it stopped. Everything a step does follows from the experiment, the data and the step's number.
 */
export type TrainingRun = {
  readonly experiment: Experiment;
  /** Names the experiment in checkpoints. */
  readonly experimentSha256: string;
  /** Data sets by the names that the experiment gives them. */
  readonly datasets: ReadonlyMap<string, readonly LabelledScene[]>;
  /** Keeps checkpoints, `training.jsonl` and its curves; a run that stopped goes on from there. */
  readonly directory: string;
  /** A checkpoint whose networks are judged as they are: no step is taken, and nothing is kept. */
  readonly networks?: string;
  readonly signal: AbortSignal;
  readonly report: TrainingReport;
};

export type TrainingReport = {
  resumed(step: number): void;
  step(step: number, facts: StepFacts): void;
  validated(step: number, judged: readonly Judged[]): void;
};

/** What is trained: networks by name, and how they are moved and judged. */
export type Learner = {
  readonly networks: Readonly<Record<string, LayersModel>>;
  readonly optimizer: ScheduledAdam;
  readonly store: SceneStore;
  /** Of the network that decides by cells where to look, for one that does. */
  readonly stack?: WindowStack;
  step(shown: ShownScenes, at: { readonly step: number; readonly learningRate: number }): Promise<StepFacts>;
  /** @throws the run's reason, once its signal is aborted */
  judge(scenes: readonly LabelledScene[]): Promise<readonly Judged[]>;
};

/** The step that did best on the validation scenes, whose weights the networks now have, and how they did. */
export type Learnt = { readonly step: number; readonly judged: readonly Judged[] };

/**
 * @returns undefined when the signal stopped it; called again, it goes on from its checkpoint
 * @throws {Error} when the loss or a weight is no number any more, or a checkpoint cannot be written: the last one stands
 */
export async function learn(run: TrainingRun, learner: Learner): Promise<Learnt | undefined> {
  try {
    const step = run.networks ? await takeNetworks(run.networks, learner.networks) : await takeSteps(run, learner);
    return { step, judged: await judge(run, learner, step) };
  } catch (error) {
    if (error !== run.signal.reason) throw error;
    return undefined;
  }
}

/**
 * Takes the steps that are left, then puts the networks of the best one in place.
 * @returns that step, or the one whose networks are left
 * @throws the signal's reason, once all that was done is kept; a step that is begun is finished, a validation is not
 */
async function takeSteps(run: TrainingRun, learner: Learner): Promise<number> {
  const { experiment, datasets } = run;
  const { networks, optimizer } = learner;
  await mkdir(run.directory, { recursive: true });
  const [last, best] = [join(run.directory, 'last.checkpoint.json'), join(run.directory, 'best.checkpoint.json')];
  let standing = await resume(run, learner, last);
  const keep = (file: string) => {
    expectNumbers(networks, standing.step);
    return saveCheckpoint(file, standing, networks, optimizer);
  };
  const shown = readAhead((step) => showScenes(experiment, datasets, { ...learner, step }));
  try {
    while (!isOver(experiment, standing)) {
      if (!standing.unjudged) standing = await takeStep(run, learner, { standing, shown });
      if (standing.unjudged) {
        standing = await judgeStep(run, learner, standing);
        if (standing.best?.step === standing.step) await keep(best);
      }
      if (isOver(experiment, standing) || standing.step % experiment.training.checkpointEverySteps === 0)
        await keep(last);
    }
  } catch (error) {
    if (error === run.signal.reason) await keep(last);
    throw error;
  }
  const restored = await restoreCheckpoint(best, run.experimentSha256, networks, optimizer);
  return restored?.step ?? standing.step; // of the networks in place: the best ones may have been damaged, or lost
}

/** After the last step, or where validation has not become better for as long as the experiment has patience. */
function isOver({ training: { stages, validation } }: Experiment, { step, best, unjudged }: Standing): boolean {
  if (unjudged) return false;
  const patience = (validation.patience ?? Number.POSITIVE_INFINITY) * validation.everySteps;
  return stageOf(stages, step) === undefined || step - (best?.reached ?? 0) >= patience;
}

type NextStep = {
  readonly standing: Standing;
  readonly shown: (step: number) => Promise<ShownScenes | undefined>;
};

async function takeStep(run: TrainingRun, learner: Learner, { standing, shown }: NextStep): Promise<Standing> {
  run.signal.throwIfAborted();
  const { training } = run.experiment;
  const [at, scenes] = [stageOf(training.stages, standing.step), await shown(standing.step)];
  if (at === undefined || scenes === undefined) throw new Error(`there is no step ${standing.step}`);
  const learningRate = learningRateAt(at.stage, at.index);
  const facts = await learner.step(scenes, { step: standing.step, learningRate });
  const step = standing.step + 1;
  if (!Number.isFinite(facts.loss)) throw lostNumbers('loss', step);
  run.report.step(step, facts);
  await appendLog(logOf(run), { step, ...facts, learningRate });
  return {
    ...standing,
    step,
    unjudged: !stageOf(training.stages, step) || step % training.validation.everySteps === 0,
  };
}

async function judgeStep(run: TrainingRun, learner: Learner, standing: Standing): Promise<Standing> {
  const { step, best } = standing;
  expectNumbers(learner.networks, step);
  const judged = await judge(run, learner, step).catch((error: unknown) => {
    // Scenes that were judged before are sound: it is the networks that make no numbers of them any more.
    if (best && error instanceof SceneError && error.code === 'scene.unsuitable')
      throw lostNumbers('answer', step, { cause: error });
    throw error;
  });
  const error = errorOf(judged);
  await appendLog(logOf(run), { step, validationError: error });
  await writeFile(join(run.directory, 'curves.png'), await drawCurves(readLog(logOf(run))));
  if (best && error > best.error) return { ...standing, unjudged: false };
  const reached = error === best?.error ? best.reached : step;
  return { ...standing, unjudged: false, best: { step, error, reached } };
}

async function resume(run: TrainingRun, { networks, optimizer }: Learner, file: string): Promise<Standing> {
  const standing = await restoreCheckpoint(file, run.experimentSha256, networks, optimizer);
  if (standing === undefined) await warmStart(run.experiment.training, networks);
  await rewindLog(logOf(run), standing ?? { step: 0, unjudged: false });
  if (standing === undefined) return { experiment: run.experimentSha256, step: 0, unjudged: false, best: undefined };
  run.report.resumed(standing.step);
  return standing;
}

async function judge({ experiment, datasets, report }: TrainingRun, learner: Learner, step: number) {
  const judged = await learner.judge(datasets.get(experiment.training.validation.dataset) ?? []);
  report.validated(step, judged);
  return judged;
}

function logOf({ directory }: TrainingRun): string {
  return join(directory, 'training.jsonl');
}
