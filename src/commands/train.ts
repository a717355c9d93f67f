import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { DataType } from '../data-type.ts';
import { UsageError } from '../errors.ts';
import { useBackend } from '../model/backend.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Backend } from '../model/model.ts';
import { attentionStack } from '../training/attention-stack.ts';
import { type BaselineFile, saveBaseline } from '../training/baselines/baseline-files.ts';
import { trainBaseline } from '../training/baselines/train-baseline.ts';
import { errorOf } from '../training/evaluation.ts';
import { type Experiment, readExperiment } from '../training/experiment.ts';
import { exportModel } from '../training/export-model.ts';
import { type LabelledScene, type Labels, surveyLabels } from '../training/labels.ts';
import type { TrainingReport, TrainingRun } from '../training/learn.ts';
import { makeFolder } from '../training/make-folder.ts';
import { train } from '../training/train.ts';
import type { StepFacts } from '../training/trainer.ts';
import type { Judged } from '../training/validate.ts';
import type { CommandContext } from './context.ts';
import { expectSoundScenes } from './expect-sound-scenes.ts';
import { givenPath } from './given-path.ts';
import { type Progress, progress } from './progress.ts';

/** `saccade train`: makes a model directory from an experiment file and image labels. */
export function addTrain(program: Command, context: CommandContext): void {
  program
    .command('train')
    .description('make a model from an experiment file and labelled scenes; interrupted, it goes on where it stopped')
    .argument('<experiment>', 'how to train, such as experiments/harbour.yaml')
    .requiredOption('--out <directory>', 'where the model goes', givenPath)
    .option('--run <directory>', 'where checkpoints and the log are kept (default: runs/<experiment>)', givenPath)
    .option(
      '--networks <checkpoint>',
      'make the model of networks that were trained before: no step is taken',
      givenPath,
    )
    .action(async (experiment: string, { out, run, networks }: { out: string; run?: string; networks?: string }) => {
      if (run && networks)
        throw new UsageError([
          '--run does not go with --networks: nothing is kept of networks that are taken as they are',
        ]);
      const directory = run ?? join('runs', basename(experiment, '.yaml'));
      await runTraining({ path: experiment, out, directory, ...(networks && { networks }) }, context);
    });
}

type TrainOptions = {
  readonly path: string;
  readonly out: string;
  readonly directory: string;
  readonly networks?: string;
};

async function runTraining({ path, out, directory, networks }: TrainOptions, context: CommandContext) {
  const experiment = await readExperiment(path);
  const backend = await useBackend('tensorflow');
  const { datasets, mistakes } = await readDatasets(experiment);
  // Rivals do not attend to cells.
  const cells = !experiment.baseline && { stack: attentionStack(experiment.model) };
  const dataTypes = await expectSoundScenes(
    { scenes: [...datasets.values()].flat(), mistakes },
    { ...experiment.model, ...cells },
    context,
  );
  await makeFolder(out);
  if (networks === undefined) await makeFolder(directory);
  const experimentSha256 = sha256(JSON.stringify(experiment));
  const steps = networks ? 0 : experiment.training.stages.reduce((sum, stage) => sum + stage.steps, 0);
  const bar = progress(context.stderr, 'train', steps);
  const { report, done } = reportOn(bar, directory);
  const { signal } = context;
  const run: TrainingRun = {
    ...{ experiment, experimentSha256, datasets, directory, signal, report },
    ...(networks && { networks }),
  };
  const [dataType, ...others] = dataTypes;
  const alike = dataType !== undefined && others.length === 0;
  const made = {
    command: `saccade train ${path}${networks ? ` --networks ${networks}` : ''} --out ${out}`,
    backend,
    ...(alike && { dataType }),
  };
  const training = await (experiment.baseline ? makeRival(out, run, made) : makeModel(out, run, made)).finally(bar.end);
  if (training === undefined)
    throw new Error(
      networks
        ? 'stopped: the networks were not judged, and no model was written'
        : `stopped: ${done()} of ${steps} steps are kept in ${directory}; the same command goes on from there`,
    );
  const { error, scenes } = training.validation;
  context.stdout.write(`${out}: step ${training.steps}, error ${error} on ${scenes} validation scenes\n`);
}

type Made = { readonly command: string; readonly backend: Backend; readonly dataType?: DataType };

/** @returns undefined when it was stopped */
async function makeModel(out: string, run: TrainingRun, made: Made): Promise<Manifest['training'] | undefined> {
  const { experiment, datasets } = run;
  const trained = await train(run);
  if (trained === undefined) return undefined;
  return (await exportModel(out, trained, experiment, { ...made, dataset: describeData(experiment, datasets) }))
    .training;
}

/** The same for what an experiment asks for in the model's place. */
async function makeRival(
  out: string,
  run: TrainingRun,
  { command, backend }: Made,
): Promise<BaselineFile['training'] | undefined> {
  const { baseline } = run.experiment;
  const trained = baseline && (await trainBaseline(run, baseline));
  return trained && (await saveBaseline(out, trained, run.experiment, { command, backend })).training;
}

/** Tells people how training goes, and remembers how many steps are done. */
function reportOn(bar: Progress, directory: string): { report: TrainingReport; done: () => number } {
  const recent = movingMeans();
  let done = 0;
  const report: TrainingReport = {
    resumed(step) {
      done = step;
      bar.line(`going on from step ${step}, kept in ${directory}`);
    },
    step(step, facts) {
      done = step;
      bar.update(step, recent(facts));
    },
    validated: (step, judged) => bar.line(`step ${step}: ${describe(judged)}`),
  };
  return { report, done: () => done };
}

type Datasets = ReadonlyMap<string, readonly LabelledScene[]>;

/** Reads the labels of every data set the experiment names; what is wrong with them is told with what is wrong with files. */
async function readDatasets({ model, training }: Experiment): Promise<{ datasets: Datasets; mistakes: string[] }> {
  const names = new Set([...training.stages.map(({ dataset }) => dataset), training.validation.dataset]);
  const datasets = new Map<string, readonly LabelledScene[]>();
  const mistakes: string[] = [];
  for (const name of names) {
    const { scenes, mistakes: wrong } = await surveyLabels(name, model.classes).catch(asMistakes);
    datasets.set(name, scenes);
    mistakes.push(...wrong);
    if (wrong.length > 0) continue; // it may be their class that seems empty
    for (const empty of model.classes.filter((one) => !scenes.some((scene) => scene.class === one)))
      mistakes.push(
        `${name}: no scene is labelled ${empty}; a class needs some, or must not be one of the experiment's`,
      );
  }
  return { datasets, mistakes };
}

/** A data set that is not there is one mistake among others. */
function asMistakes(error: unknown): Labels {
  if (!(error instanceof UsageError)) throw error;
  return { scenes: [], mistakes: error.mistakes };
}

/** Names the training scenes and their labels exactly; the files follow from the data set's own seed. */
function describeData({ model, training }: Experiment, datasets: ReadonlyMap<string, readonly LabelledScene[]>) {
  const stages = [...new Set(training.stages.map(({ dataset }) => dataset))];
  const labels = stages.flatMap((stage) => (datasets.get(stage) ?? []).map((scene) => [scene.id, scene.class]));
  return { name: model.name, sha256: sha256(JSON.stringify(labels)), scenes: labels.length };
}

function describe(judged: readonly Judged[]): string {
  const share = (facts: (boolean | undefined)[]) => {
    const known = facts.filter((fact) => fact !== undefined);
    return known.length === 0 ? '–' : (known.filter(Boolean).length / known.length).toFixed(3);
  };
  const found = share(judged.map((scene) => scene.found));
  const pulled = share(judged.map((scene) => scene.pulled));
  return `validation error ${errorOf(judged).toFixed(3)}, object looked at ${found}, strongest pull on it ${pulled}`;
}

const STEPS_IN_MEAN = 20;

/** What to say beside the bar: means over the last steps, for single batches are noisy. */
function movingMeans(): (facts: StepFacts) => string {
  let last: StepFacts[] = [];
  return (facts) => {
    last = [...last.slice(1 - STEPS_IN_MEAN), facts];
    const mean = (name: keyof StepFacts) => last.reduce((sum, one) => sum + one[name], 0) / last.length;
    return `loss ${mean('loss').toFixed(3)} accuracy ${mean('accuracy').toFixed(3)} entropy ${mean('entropy').toFixed(2)}`;
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
