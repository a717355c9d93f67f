import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { failureCode, SceneError } from '../errors.ts';
import { loadConfig } from '../load-config.ts';
import type { Model } from '../model/model.ts';
import { withoutSecrets } from '../sources/bytes/plain-href.ts';
import { type SceneReader, sceneReader } from '../sources/scene-reader.ts';
import type { CommandContext } from './context.ts';
import { type Inspection, inspectScene } from './inspect-scene.ts';
import { inspectionText } from './inspection-text.ts';
import { openModel } from './open-model.ts';
import { ownHrefs } from './own-hrefs.ts';

type InspectOptions = { readonly config?: string; readonly anyResolution?: boolean; readonly json?: boolean };

/** `saccade inspect`: what is in a COG, and what a classification of it would cost. */
export function addInspect(program: Command, context: CommandContext): void {
  program
    .command('inspect')
    .description('tell what is in a GeoTIFF, by path or URL, and what its classification would cost')
    .argument('<href...>', 'files, or addresses: https:, http:, s3:, gs:, az:')
    .option('--config <file>', 'settings in YAML; SACCADE_… variables override them')
    .option('--any-resolution', 'whatever ground size the model was trained at')
    .option('--json', 'print one JSON document for each scene, as a line')
    .action((hrefs: string[], options: InspectOptions) => inspect(hrefs, options, context));
}

async function inspect(hrefs: readonly string[], options: InspectOptions, context: CommandContext): Promise<void> {
  const config = await loadConfig(context.environment, options.config);
  const anyResolution = options.anyResolution ?? config.scenes.anyResolution;
  const settings = { ...config, scenes: { ...config.scenes, anyResolution } };
  const model = await openModel({ ...config, threads: 1 }, context.signal);
  const { environment } = context;
  let failed = 0;
  try {
    for (const href of hrefs) {
      // One for each: what a file costs shall not depend on what was learned from others.
      const reader = sceneReader({ ...config.sources, ...ownHrefs, environment, budget: config.budget });
      try {
        const found = await openInTime(href, { reader, model }, settings, context.signal);
        context.stdout.write(`${options.json ? JSON.stringify(found) : inspectionText(found)}\n`);
      } catch (error) {
        context.signal.throwIfAborted();
        failed += 1;
        context.stderr.write(`saccade: ${withoutSecrets(href)}: ${failureCode(error)}: ${reasonOf(error)}\n`);
      } finally {
        await reader.close();
      }
    }
  } finally {
    await model.close();
  }
  if (failed > 0) throw new Error(`${failed} of ${hrefs.length} scenes could not be inspected`);
}

/** @throws {SceneError} `source.unreachable` when the scene takes longer than the stage `open` may */
async function openInTime(
  href: string,
  parts: { readonly reader: SceneReader; readonly model: Model },
  { scenes, seed, deadlineSeconds }: Config,
  signal: AbortSignal,
): Promise<Inspection> {
  const late = AbortSignal.timeout(1000 * deadlineSeconds.open);
  try {
    return await inspectScene(href, parts, { ...scenes, seed }, AbortSignal.any([signal, late]));
  } catch (error) {
    if (!late.aborted) throw error;
    throw new SceneError('source.unreachable', `open took longer than ${deadlineSeconds.open} s`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
