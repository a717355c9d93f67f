import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryUsage, resourceUsage } from 'node:process';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../load-config.ts';
import { useBackend, type WantedBackend } from '../model/backend.ts';
import { type EstimatorName, estimatorNames } from '../model/estimators/estimator-name.ts';
import { inference } from '../model/inference.ts';
import { loadNetworks } from '../model/load-networks.ts';
import { MOST_PLACES } from '../model/manifest.ts';
import { backends } from '../model/model.ts';
import { readManifest } from '../model/read-manifest.ts';
import { windowStack } from '../model/window-stack.ts';
import { evaluate, quantile } from '../training/evaluation.ts';
import { surveyLabels } from '../training/labels.ts';
import { makeFolder } from '../training/make-folder.ts';
import { sceneStore } from '../training/scene-store.ts';
import { type Judged, type Seen, validate } from '../training/validate.ts';
import type { CommandContext } from './context.ts';
import { lookedAsAsked } from './cost-by-places.ts';
import { drawSeen } from './draw-seen.ts';
import { type EvaluationReport, reportText } from './evaluation-text.ts';
import { expectSoundScenes } from './expect-sound-scenes.ts';
import { givenPath } from './given-path.ts';
import { pictureNames } from './picture-name.ts';
import { progress } from './progress.ts';
import type { Trial } from './trial.ts';
import { wholeNumber } from './whole-number.ts';
import { writeReport } from './write-report.ts';

type EvaluateOptions = {
  readonly data: string;
  readonly backend?: WantedBackend;
  readonly seed?: number;
  readonly patches?: number;
  readonly estimator?: EstimatorName;
  readonly pictures?: string;
  readonly report?: string;
  readonly json?: boolean;
};

/** `saccade evaluate`: how good a model is on labelled scenes, and what an answer costs. */
export function addEvaluate(program: Command, context: CommandContext): void {
  program
    .command('evaluate')
    .description('judge a model on labelled scenes: error, confusion, evidence, calibration, time and memory')
    .argument('[model]', 'a model directory (default: SACCADE_MODEL, else the bundled one)')
    .requiredOption('--data <directory>', 'a data set: scenes with labels.jsonl or labels.csv', givenPath)
    .addOption(new Option('--backend <name>', 'what the networks run on').choices(['auto', ...backends]))
    .option('--seed <number>', 'of the draws', wholeNumber(0, 2 ** 32 - 1))
    .option(
      '--patches <number>',
      'places looked at in a scene (default: as the model says)',
      wholeNumber(1, MOST_PLACES),
    )
    .addOption(
      new Option('--estimator <name>', 'how they are drawn (default: as the model says)').choices(estimatorNames),
    )
    .option('--pictures <directory>', 'draw what was looked at in each scene that was answered wrongly', givenPath)
    .option(
      '--report <directory>',
      'write a page with tables and pictures there: report.md, and report.json',
      givenPath,
    )
    .option('--json', 'print the report as one JSON document')
    .action(async (model: string | undefined, options: EvaluateOptions) => {
      const trial = await prepare(model, options, context);
      for (const folder of [options.pictures, options.report]) if (folder !== undefined) await makeFolder(folder);
      const { report, cells } = await judge(trial, options.pictures, context);
      context.stdout.write(options.json ? `${JSON.stringify(report)}\n` : reportText(report));
      if (options.report !== undefined)
        await writeReport(options.report, trial, { report, cells, signal: context.signal });
    });
}

/** @throws {UsageError} when there is no such model, data set or backend, or when options contradict each other */
async function prepare(model: string | undefined, options: EvaluateOptions, context: CommandContext): Promise<Trial> {
  const config = await loadConfig(context.environment);
  const { data: dataset, seed = config.seed } = options;
  const directory = model ?? config.model;
  const { manifest } = await readManifest(directory);
  const { estimator, patches } = { ...manifest.draw, ...options };
  if (estimator === 'all' && options.patches !== undefined)
    throw new UsageError(['--patches goes with an estimator that draws so many places: all takes every one there is']);
  const labels = await surveyLabels(dataset, manifest.classes);
  await expectSoundScenes(labels, manifest, context);
  const { scenes } = labels;
  const backend = await useBackend(options.backend ?? config.backend);
  const networks = await loadNetworks(directory, manifest);
  const glance = { stack: windowStack(networks.attention), patch: manifest.patch.size, estimator, patches, seed };
  return { dataset, scenes, directory, manifest, backend, inference: inference(networks, manifest), glance };
}

/** What is noted of a scene once it is judged. */
type Noted = { readonly residentBytes: number; readonly cells: number; readonly places: number };

/** @returns the report, and of each scene how many cells its attention map has */
async function judge(
  trial: Trial,
  pictures: string | undefined,
  { stderr, signal }: CommandContext,
): Promise<{ readonly report: EvaluationReport; readonly cells: readonly number[] }> {
  const { scenes, manifest, inference, glance } = trial;
  const bar = progress(stderr, 'evaluate', scenes.length);
  const noted: Noted[] = [];
  const nameOf = pictureNames();
  const onJudged = async (judged: Judged, seen: Seen) => {
    const [cells, places] = [seen.attention.values.length, seen.windows.length];
    bar.update(noted.push({ residentBytes: memoryUsage.rss(), cells, places }));
    const name = nameOf(judged.id); // of each scene, so that it is the same whichever others are drawn
    if (pictures !== undefined && judged.answer !== judged.label)
      await writeFile(join(pictures, `${name}.png`), await drawSeen(seen, glance));
  };
  // Nothing is kept decoded: time and memory of a scene are those of its first visit, as in use.
  const store = sceneStore({ model: manifest, cacheBytes: 0, signal });
  const { classes } = manifest;
  const judged = await validate(scenes, { ...glance, store, inference, classes, onJudged, signal })
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
      throw new Error(`stopped: ${noted.length} of ${scenes.length} scenes were judged; no report is kept`);
    })
    .finally(() => bar.end());
  return { report: reportOf(trial, judged, noted), cells: noted.map(({ cells }) => cells) };
}

function reportOf(
  { dataset, directory, manifest, backend, glance }: Trial,
  judged: readonly Judged[],
  noted: readonly Noted[],
): EvaluationReport {
  const { name, version, confidence, classes } = manifest;
  const evaluation = evaluate(judged, { classes, confidence });
  const places = noted.map((one) => one.places);
  const patches = places.reduce((most, count) => Math.max(most, count), 0);
  const answers = judged.map(({ id, label, answer, probability }) => ({ id, label, answer, probability }));
  return {
    dataset,
    model: { directory, name, version },
    ...{ backend, estimator: glance.estimator, patches, asAsked: lookedAsAsked(glance, places), seed: glance.seed },
    ...evaluation,
    millisecondsPerScene: 1000 * evaluation.seconds.median,
    residentBytes: quantile(
      noted.map((one) => one.residentBytes),
      0.5,
    ),
    peakBytes: resourceUsage().maxRSS * 1024,
    answers,
    wrong: answers.filter(({ label, answer }) => label !== answer),
  };
}
