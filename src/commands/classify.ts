import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../load-config.ts';
import type { Classification, Outcome } from '../scene.ts';
import { classificationEvent, eventLine } from '../sinks/classification-event.ts';
import { withoutSecrets } from '../sources/bytes/plain-href.ts';
import { classifyHere } from './classify-here.ts';
import type { CommandContext } from './context.ts';
import { expectWritable } from './expect-file.ts';
import { givenPath } from './given-path.ts';
import { openModel } from './open-model.ts';
import { wholeNumber } from './whole-number.ts';

type ClassifyOptions = {
  readonly config?: string;
  readonly seed?: number;
  readonly anyResolution?: boolean;
  readonly heatmap?: string;
  readonly json?: boolean;
};

/** `saccade classify`: one or more COGs, an event each. */
export function addClassify(program: Command, context: CommandContext): void {
  program
    .command('classify')
    .description('classify Cloud-Optimized GeoTIFFs, by path or URL')
    .argument('<href...>', 'files, or addresses: https:, http:, s3:, gs:, az:')
    .option('--config <file>', 'settings in YAML; SACCADE_… variables override them')
    .option('--seed <number>', 'of the draw; the same seed looks at the same places', wholeNumber(0, 2 ** 32 - 1))
    .option('--any-resolution', 'whatever ground size the model was trained at')
    .option('--heatmap <file>', 'draw overview, attention and the places looked at, as PNG', givenPath)
    .option('--json', 'print the event of each scene as a line of JSON')
    .action((hrefs: string[], options: ClassifyOptions) => classify(hrefs, options, context));
}

async function classify(hrefs: readonly string[], options: ClassifyOptions, context: CommandContext): Promise<void> {
  const { heatmap } = options;
  if (heatmap !== undefined && hrefs.length > 1) throw new UsageError(['--heatmap draws one scene, so name one']);
  if (heatmap !== undefined) await expectWritable(heatmap);
  const config = withOptions(await loadConfig(context.environment, options.config), options);
  const settings = { ...config.events, anyResolution: config.scenes.anyResolution };
  const model = await openModel(config, context.signal);
  let [classified, failed] = [0, 0];
  const outcomes = {
    async send(outcome: Outcome) {
      if (outcome.kind !== 'classified') {
        failed += 1;
        context.stderr.write(`saccade: ${nameOf(outcome)}: ${outcome.failure.code}: ${outcome.failure.reason}\n`);
        return;
      }
      classified += 1;
      const { classification } = outcome;
      const text = options.json ? eventLine(classificationEvent(classification, settings)) : describe(classification);
      context.stdout.write(`${text}\n`);
    },
  };
  const picture = heatmap && { picture: (_: string, png: Buffer) => writeFile(heatmap, png) };
  const scenes = hrefs.map((href) => ({ href: URL.canParse(href) ? href : pathToFileURL(href).href }));
  try {
    const { environment, signal } = context;
    await classifyHere(scenes, { model, outcomes, environment, signal, ...picture }, config);
  } catch (error) {
    if (error !== context.signal.reason) throw error;
    throw new Error(`stopped: ${classified} of ${hrefs.length} scenes were classified and are told whole`);
  } finally {
    await model.close();
  }
  if (failed > 0) throw new Error(`${failed} of ${hrefs.length} scenes could not be classified`);
}

function withOptions<T extends { seed: number; scenes: object }>(config: T, options: ClassifyOptions): T {
  const { seed = config.seed, anyResolution } = options;
  return { ...config, seed, scenes: { ...config.scenes, ...(anyResolution && { anyResolution }) } };
}

function describe(found: Classification): string {
  const { scene, read, source, evidence, place, seconds, backend } = found;
  const probability = found.probabilities[found.class] ?? 0;
  const others = Object.entries(found.probabilities).map(([name, p]) => `${name} ${p.toFixed(4)}`);
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
  return [
    `${basename(scene.id)}: ${found.class} ${probability.toFixed(4)} ± ${found.standardError.toFixed(4)} (${found.confidence})`,
    `  ${others.join(', ')}`,
    `  looked at ${evidence.length} places: ${read.tiles} tiles, ${kilobytes(read.bytes)} of ${kilobytes(source.bytes)} in ${read.requests} requests, ${read.trips} trips`,
    ...(place
      ? [`  strongest pull at ${place.map((degrees) => degrees.toFixed(6)).join(', ')} (longitude, latitude)`]
      : []),
    `  ${seconds.total.toFixed(2)} s on ${backend}`,
  ].join('\n');
}

/** The href of a scene that failed, as it was named, but for what may be a secret. */
function nameOf({ message }: Outcome): string {
  const { href }: { href: string } = JSON.parse(message.value?.toString('utf8') ?? '');
  return withoutSecrets(href);
}
