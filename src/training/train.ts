import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { type Inference, inference, type Networks } from '../model/inference.ts';
import { buildNetwork } from '../model/networks.ts';
import { windowStack } from '../model/window-stack.ts';
import { augmentScene } from './augment/augment-scene.ts';
import { restoreCheckpoint, type Standing, saveCheckpoint } from './checkpoint.ts';
import { errorOf } from './evaluation.ts';
import type { Experiment } from './experiment.ts';
import { type GlanceSettings, glance } from './glance.ts';
import type { LabelledScene } from './labels.ts';
import { type SceneStore, sceneStore } from './scene-store.ts';
import { batchOf, type Stage, stageOf } from './schedule.ts';
import { type Batch, type StepFacts, type Trainer, trainer } from './trainer.ts';
import { type Judged, validate } from './validate.ts';

/**
 * Trains a model's three networks end to end from image labels alone: attend, draw, look, compare with the label, go
 * downhill. Everything a step does follows from the experiment, the data and the step's number.
 */
export type TrainingRun = {
  readonly experiment: Experiment;
  /** Names the experiment in checkpoints. */
  readonly experimentSha256: string;
  /** Data sets by the names that the experiment gives them. */
  readonly datasets: ReadonlyMap<string, readonly LabelledScene[]>;
  /** Keeps checkpoints and `training.jsonl`; a run that stopped goes on from there. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly report: TrainingReport;
};

export type TrainingReport = {
  resumed(step: number): void;
  step(step: number, facts: StepFacts): void;
  validated(step: number, judged: readonly Judged[]): void;
};

/** The networks of the step that did best on the validation scenes, and how they did. */
export type Trained = { readonly networks: Networks; readonly step: number; readonly judged: readonly Judged[] };

/** @returns undefined when the signal stopped it; called again, it goes on from its checkpoint */
export async function train(run: TrainingRun): Promise<Trained | undefined> {
  await mkdir(run.directory, { recursive: true });
  const workshop = setUp(run);
  try {
    const step = await takeSteps(run, workshop);
    return { networks: workshop.networks, step, judged: await judge(run, workshop, step) };
  } catch (error) {
    if (error !== run.signal.reason) throw error;
    return undefined;
  }
}

/**
 * Takes the steps that are left, then puts the networks of the best one in place.
 * @returns that step
 * @throws the signal's reason, once all that was done is kept; a step that is begun is finished, a validation is not
 */
async function takeSteps(run: TrainingRun, workshop: Workshop): Promise<number> {
  const { stages, checkpointEverySteps } = run.experiment.training;
  const [last, best] = [join(run.directory, 'last.checkpoint.json'), join(run.directory, 'best.checkpoint.json')];
  const { networks, trainer } = workshop;
  let standing = await resume(run, workshop, last);
  const keep = (file: string) => saveCheckpoint(file, standing, networks, trainer.optimizer);
  try {
    for (let at = stageOf(stages, standing.step); at || standing.unjudged; at = stageOf(stages, standing.step)) {
      if (at && !standing.unjudged) standing = await takeStep(run, workshop, { standing, at });
      if (standing.unjudged) {
        standing = await judgeStep(run, workshop, standing);
        if (standing.best?.step === standing.step) await keep(best);
      }
      if (!stageOf(stages, standing.step) || standing.step % checkpointEverySteps === 0) await keep(last);
    }
  } catch (error) {
    if (error === run.signal.reason) await keep(last);
    throw error;
  }
  await restoreCheckpoint(best, networks, trainer.optimizer);
  return standing.best?.step ?? standing.step;
}

async function takeStep(
  run: TrainingRun,
  workshop: Workshop,
  { standing, at: { stage, index } }: { standing: Standing; at: { stage: Stage; index: number } },
): Promise<Standing> {
  run.signal.throwIfAborted();
  const { stages, validation } = run.experiment.training;
  const batch = await prepareBatch(run, workshop, stage.dataset, index, standing.step);
  const facts = workshop.trainer.step(batch, stage.learningRate);
  const step = standing.step + 1;
  run.report.step(step, facts);
  await log(run, { step, ...facts });
  return { ...standing, step, unjudged: stageOf(stages, step) === undefined || step % validation.everySteps === 0 };
}

async function judgeStep(run: TrainingRun, workshop: Workshop, standing: Standing): Promise<Standing> {
  const { step, best } = standing;
  const error = errorOf(await judge(run, workshop, step));
  await log(run, { step, validationError: error });
  const better = error <= (best?.error ?? 1);
  return { ...standing, unjudged: false, best: better ? { step, error } : best };
}

/** What a run works with, made once. */
type Workshop = {
  readonly networks: Networks;
  readonly inference: Inference;
  readonly trainer: Trainer;
  readonly store: SceneStore;
  readonly glance: GlanceSettings;
};

function setUp({ experiment: { model, training }, signal }: TrainingRun): Workshop {
  const { seed } = training;
  const bands = model.bands.length;
  const attention = buildNetwork('attention', [null, null, bands], model.networks.attention, seed);
  const feature = buildNetwork(
    'feature',
    [model.patch.size, model.patch.size, bands],
    model.networks.feature,
    seed + 100,
    model.features,
  );
  const width = feature.outputShape[1] as number; // [null, D]: the head takes one feature
  const networks = { attention, feature, head: buildNetwork('head', [width], model.networks.head, seed + 200) };
  return {
    networks,
    inference: inference(networks, model),
    trainer: trainer(networks, { ...model, clipNorm: training.clipNorm, entropy: training.entropy }),
    store: sceneStore({ model, cacheBytes: training.cacheMegabytes * 1e6, signal }),
    glance: { stack: windowStack(attention), patch: model.patch.size, places: model.patches, seed },
  };
}

async function resume(run: TrainingRun, { networks, trainer }: Workshop, file: string): Promise<Standing> {
  const standing = await restoreCheckpoint(file, networks, trainer.optimizer);
  if (standing === undefined) return { experiment: run.experimentSha256, step: 0, unjudged: false, best: undefined };
  if (standing.experiment !== run.experimentSha256) {
    throw new UsageError([
      `${file} belongs to another version of the experiment: move it away, or name another folder`,
    ]);
  }
  run.report.resumed(standing.step);
  return standing;
}

/** Attends to the scenes of a batch with the networks as they are now, draws, and reads what was drawn. */
async function prepareBatch(
  { experiment: { model, training }, datasets }: TrainingRun,
  { store, inference, glance: settings }: Workshop,
  dataset: string,
  index: number,
  step: number,
): Promise<Batch> {
  const scenes = batchOf(datasets.get(dataset) ?? [], index, training);
  const stored = await Promise.all(
    scenes.map(async ({ path }, index) => {
      const showing = { seed: training.seed, step, index };
      return augmentScene(await store.load(path), training.augmentation, { showing, model });
    }),
  );
  const glances = await Promise.all(
    stored.map((scene, i) => glance(scene, inference.attend(scene.overview), [step, i], settings)),
  );
  return {
    overviews: stored.map(({ overview }) => overview),
    draws: glances.map(({ draw }) => draw),
    patches: glances.map(({ patches }) => patches),
    labels: scenes.map((scene) => model.classes.indexOf(scene.class)),
  };
}

async function judge(
  { experiment, datasets, report, signal }: TrainingRun,
  { store, inference, glance }: Workshop,
  step: number,
) {
  const { validation } = experiment.training;
  const scenes = datasets.get(validation.dataset) ?? [];
  const judged = await validate(scenes, { ...glance, store, inference, classes: experiment.model.classes, signal });
  report.validated(step, judged);
  return judged;
}

function log({ directory }: TrainingRun, entry: Record<string, number>): Promise<void> {
  return appendFile(join(directory, 'training.jsonl'), `${JSON.stringify(entry)}\n`);
}
