import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { loadConfig } from '../load-config.ts';
import type { Model } from '../model/model.ts';
import type { Outcome } from '../scene.ts';
import { jsonlOutcomes } from '../sinks/jsonl-outcomes.ts';
import { makeHarbour } from '../training/harbour/make-harbour.ts';
import { LEAST_SIZE, MOST_SIZE } from '../training/harbour/plan-harbour.ts';
import { type LabelledScene, readLabels } from '../training/labels.ts';
import { MOST_SCENES } from '../training/make-scenes.ts';
import { version } from '../version.ts';
import { classifyHere, type LocalParts } from './classify-here.ts';
import type { CommandContext } from './context.ts';
import { type Answer, answerLine, summarise, summaryText } from './demo-summary.ts';
import { givenPath } from './given-path.ts';
import { openModel } from './open-model.ts';
import { opened } from './opened.ts';
import { progress } from './progress.ts';
import { serveRanges } from './range-server.ts';
import { wholeNumber } from './whole-number.ts';

type DemoOptions = { readonly out: string; readonly scenes: number; readonly size: number; readonly json?: boolean };

/** Another seed than those of the bundled model's data sets: it has never seen these scenes. */
const SEED = 2026;

/** `saccade demo`: the embedded default. Scenes are made, served over HTTP ranges on loopback and classified. */
export function addDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('make coastal scenes, serve them over HTTP on loopback and classify them with the bundled model')
    .option('--out <directory>', 'where scenes, events and heatmaps are left', givenPath, 'demo')
    .option('--scenes <number>', 'how many', wholeNumber(1, MOST_SCENES), 24)
    .option('--size <pixels>', 'side of a scene', wholeNumber(LEAST_SIZE, MOST_SIZE), 4096)
    .option('--json', 'end with one line of JSON')
    .action((options: DemoOptions) => demo(options, context));
}

async function demo(options: DemoOptions, context: CommandContext): Promise<void> {
  const config = await loadConfig(context.environment);
  // That there is none is to be known before scenes are made, and before the events of an earlier demo are emptied.
  const model = await openModel(config, context.signal);
  try {
    await demonstrate(options, { model, config }, context);
  } finally {
    await model.close();
  }
}

type DemoParts = { readonly model: Model; readonly config: Config };

async function demonstrate({ out, json, ...wanted }: DemoOptions, parts: DemoParts, context: CommandContext) {
  const folder = join(out, 'scenes');
  await makeScenes(folder, wanted, context);
  const labels = await readLabels(folder);
  const answers = await classifyAll(labels, out, parts, context);
  const summary = summarise(answers);
  context.stdout.write(`${json ? JSON.stringify(summary) : summaryText(summary, out)}\n`);
  const failed = labels.length - answers.length;
  if (failed > 0) throw new Error(`${failed} scenes could not be classified: see ${join(out, 'dead-letters.jsonl')}`);
}

async function makeScenes(
  directory: string,
  { scenes, size }: Pick<DemoOptions, 'scenes' | 'size'>,
  context: CommandContext,
) {
  const bar = progress(context.stderr, 'scenes  ', scenes);
  const order = {
    directory,
    scenes,
    sizes: [size],
    seed: SEED,
    workers: availableParallelism(),
    signal: context.signal,
  };
  const made = await makeHarbour({ ...order, onScene: (done) => bar.update(done) }).finally(() => bar.end());
  if (made.complete) return;
  throw new Error(
    `stopped: ${made.scenes} of ${scenes} scenes are kept in ${directory}; the same command goes on from there`,
  );
}

/** Serves the scenes and classifies them; events, dead letters and heatmaps are left in `out`. */
async function classifyAll(
  labels: readonly LabelledScene[],
  out: string,
  { model, config }: DemoParts,
  context: CommandContext,
): Promise<Answer[]> {
  const events = await opened(createWriteStream(join(out, 'events.jsonl')));
  const deadLetters = await opened(createWriteStream(join(out, 'dead-letters.jsonl')));
  const server = await serveRanges(join(out, 'scenes'));
  const bar = progress(context.stderr, `classify on ${model.backend}`, labels.length);
  const written = jsonlOutcomes(events, deadLetters, { ...config.events, anyResolution: false, version });
  const truth = new Map(labels.map((label) => [label.id, label.class]));
  const answers: Answer[] = [];
  const send = async (outcome: Outcome) => {
    await written.send(outcome);
    if (outcome.kind !== 'classified') {
      bar.line(`✗ ${outcome.message.origin}: ${outcome.failure.code}: ${outcome.failure.reason}`);
      return;
    }
    const answer = { classification: outcome.classification, truth: truth.get(outcome.classification.scene.id) };
    answers.push(answer);
    bar.line(answerLine(answer));
    bar.update(answers.length);
  };
  const parts: LocalParts = { model, outcomes: { send }, signal: context.signal, picture: await pictures(out) };
  const scenes = labels.map(({ id, path }) => ({ id, href: `${server.url}/${basename(path)}` }));
  try {
    await classifyHere(scenes, parts, config);
  } catch (error) {
    if (error !== context.signal.reason) throw error;
    const kept = `the ${labels.length} scenes are kept in ${join(out, 'scenes')}`;
    throw new Error(
      `stopped: ${kept}, ${answers.length} of them were classified; the same command goes on from the scenes`,
    );
  } finally {
    bar.end();
    await server.close();
    // One that could not be written is closed already, and will not say so again.
    const open = [events, deadLetters].filter((stream) => !stream.closed);
    await Promise.all(open.map((stream) => once(stream.end(), 'close')));
  }
  return answers;
}

async function pictures(out: string): Promise<NonNullable<LocalParts['picture']>> {
  const folder = join(out, 'heatmaps');
  await mkdir(folder, { recursive: true });
  return (id, png) => writeFile(join(folder, `${id}.png`), png);
}
