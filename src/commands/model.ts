import { writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../load-config.ts';
import { useBackend, type WantedBackend } from '../model/backend.ts';
import { type CheckedModel, checkModel } from '../model/check-model.ts';
import { mlmItem } from '../model/mlm-item.ts';
import { type Backend, backends } from '../model/model.ts';
import type { CommandContext } from './context.ts';
import { expectWritable } from './expect-file.ts';
import { givenPath } from './given-path.ts';
import { checkReport, checkText } from './model-text.ts';

type CheckOptions = { readonly backend?: WantedBackend; readonly json?: boolean };

/** `saccade model`: is a model directory in order, and what is in it. */
export function addModel(program: Command, context: CommandContext): void {
  const model = program.command('model').description('check a model directory, or describe it for a catalogue');
  const backend = () => new Option('--backend <name>', 'what the networks run on').choices(['auto', ...backends]);
  model
    .command('check')
    .description('read all of a model directory and compute a first scene with it; exit code 1 for one not in order')
    .argument('<directory>', 'a model: model.json with its networks')
    .addOption(backend())
    .option('--json', 'print one JSON document, also of a model that is not in order')
    .action((directory: string, options: CheckOptions) => check(directory, options, context));
  model
    .command('stac')
    .description('describe a model as a STAC Item of the Machine Learning Model extension')
    .argument('<directory>', 'a model that is in order')
    .addOption(backend())
    .option('--out <file>', 'where the item goes (default: printed, as if it lay in the directory)', givenPath)
    .action((directory: string, options: { backend?: WantedBackend; out?: string }) =>
      describe(directory, options, context),
    );
}

async function check(directory: string, options: CheckOptions, context: CommandContext): Promise<void> {
  const { backend, found } = await examine(directory, options.backend, context);
  if (!('mistakes' in found)) {
    const report = checkReport(found, backend);
    context.stdout.write(options.json ? `${JSON.stringify(report)}\n` : checkText(report));
    return;
  }
  if (options.json) context.stdout.write(`${JSON.stringify({ ok: false, directory, mistakes: found.mistakes })}\n`);
  throw notInOrder(directory, found.mistakes, context);
}

async function describe(
  directory: string,
  { backend, out }: { readonly backend?: WantedBackend; readonly out?: string },
  context: CommandContext,
): Promise<void> {
  if (out !== undefined) await expectWritable(out);
  const { found } = await examine(directory, backend, context);
  if ('mistakes' in found) throw notInOrder(directory, found.mistakes, context);
  const item = mlmItem(found, out === undefined ? '.' : relative(dirname(out), directory));
  const text = `${JSON.stringify(item, null, 2)}\n`;
  if (out === undefined) context.stdout.write(text);
  else await writeFile(out, text);
}

/** @throws {UsageError} when the backend is missing; what is wrong with the model is a finding */
async function examine(
  directory: string,
  wanted: WantedBackend | undefined,
  { environment }: CommandContext,
): Promise<{ readonly backend: Backend; readonly found: CheckedModel | Pick<UsageError, 'mistakes'> }> {
  const backend = await useBackend(wanted ?? (await loadConfig(environment)).backend);
  try {
    return { backend, found: await checkModel(directory) };
  } catch (error) {
    if (error instanceof UsageError) return { backend, found: error };
    throw error;
  }
}

/** Says each mistake in a line; what is to be thrown then. */
function notInOrder(directory: string, mistakes: readonly string[], { stderr }: CommandContext): Error {
  for (const mistake of mistakes) stderr.write(`saccade: ${mistake}\n`);
  return new Error(
    `${directory} is not in order: ${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`,
  );
}
