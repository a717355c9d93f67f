#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { Command, CommanderError } from 'commander';
import { addClassify } from './commands/classify.ts';
import type { CommandContext } from './commands/context.ts';
import { addDataset } from './commands/dataset.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addDemo } from './commands/demo.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addInspect } from './commands/inspect.ts';
import { addModel } from './commands/model.ts';
import { addRun } from './commands/run.ts';
import { addTrain } from './commands/train.ts';
import { UsageError } from './errors.ts';
import { version } from './version.ts';

/** The program `saccade`: its commands, its exit codes (0 done, 1 failed, 2 wrong use) and its signals. */
const commands = [
  addDemo,
  addRun,
  addClassify,
  addInspect,
  addTrain,
  addEvaluate,
  addDataset,
  addModel,
  addDeadLetters,
];

// Native TensorFlow reads these when its library is loaded: warnings and errors only, and oneDNN's kernels on every
// processor. By itself it leaves them off where there is no AVX-512, and a step of training takes a third longer or more.
process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';

const stop = new AbortController();
// Hundreds of reads may wait for it at once; that is no leak.
setMaxListeners(0, stop.signal);
const context: CommandContext = {
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stop.signal,
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1); // told twice: at once
    stop.abort(new Error(`stopped by ${signal}`));
  });
}

const program = new Command('saccade')
  .description('Classifies huge satellite and drone images without reading them.')
  .version(version, '--version', 'print the version')
  .option('--verbose', 'print the stack of an error')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });
for (const add of commands) add(program, context);

// Nobody reads any more (`saccade … | head`), or the disk is full: there is no point in going on.
let lost: unknown;
process.stdout.on('error', (error) => {
  lost ??= error;
  stop.abort(error);
});
process.stderr.on('error', () => {});

try {
  await program.parseAsync();
  // A command may be done before it is known that its last lines went nowhere.
  await new Promise((resolve) => process.stdout.write('', resolve));
  if (lost !== undefined) throw lost;
} catch (error) {
  process.exitCode = report(error);
  if (lost !== undefined && lost !== error) report(lost); // why it was stopped
}
// What was told to stop has kept what it keeps; what libraries still wait for is not waited for.
if (stop.signal.aborted) process.stderr.write('', () => process.exit());

/** One clear line per mistake; the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it already
  if (error instanceof UsageError) {
    for (const mistake of error.mistakes) process.stderr.write(`saccade: ${mistake}\n`);
    return 2;
  }
  process.stderr.write(`saccade: ${error instanceof Error ? error.message : String(error)}\n`);
  if (program.opts()['verbose'] === true && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 1;
}
