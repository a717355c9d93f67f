import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../load-config.ts';
import { kafkaReplay } from '../sinks/kafka-replay.ts';
import { chooseLetters, type LetterFilter } from './choose-letters.ts';
import type { CommandContext } from './context.ts';
import { expectLetters, findLetters } from './find-letters.ts';
import { countCodes, letterJson, letterLine, letterLines, wholeLetterJson } from './letters-text.ts';

type Options = LetterFilter & { readonly config?: string; readonly json?: boolean };

/** `saccade dead-letters`: what has failed and waits for somebody, and the way back for it. */
export function addDeadLetters(program: Command, context: CommandContext): void {
  const letters = program.command('dead-letters').description('list, show and replay messages whose scene failed');
  const command = (name: string, description: string) =>
    letters
      .command(name)
      .description(description)
      .option('--config <file>', 'settings in YAML; SACCADE_… variables override them')
      .option('--json', 'print one JSON document');
  const filtered = (name: string, description: string) =>
    command(name, description)
      .option('--code <code...>', 'those that failed with these codes')
      .option('--id <id...>', 'those with these ids, as they are listed')
      .option('--key <key...>', 'those whose message has one of these keys')
      .option('--since <time>', 'those given up at this time or later, such as 2026-04-12T10:31:07Z')
      .option('--until <time>', 'those given up before this time');
  filtered('list', 'tell what failed and was not replayed, a line each').action((options: Options) =>
    list(options, context),
  );
  command('show', 'tell all of one dead letter, its message included')
    .argument('<id>', 'its id, as it is listed')
    .action((id: string, options: Options) => show(id, options, context));
  filtered('replay', 'send messages to the input topic again, each once')
    .option('--all', 'all there are')
    .action((options: Options & { readonly all?: boolean }) => replay(options, context));
}

async function open(options: Options, { environment, signal }: CommandContext): Promise<Config> {
  const config = await loadConfig(environment, options.config);
  await expectLetters(config, signal);
  return config;
}

async function list(options: Options, context: CommandContext): Promise<void> {
  const isMeant = chooseLetters(options);
  const config = await open(options, context);
  const letters = await findLetters(config, isMeant, context.signal);
  const codes = countCodes(letters);
  const topic = config.kafka.deadLetterTopic;
  if (options.json) {
    context.stdout.write(`${JSON.stringify({ topic, codes, letters: letters.map(letterJson) })}\n`);
    return;
  }
  for (const letter of letters) context.stdout.write(`${letterLine(letter)}\n`);
  const counts = Object.entries(codes).map(([code, count]) => `${count} ${code}`);
  context.stderr.write(`${letters.length} in ${topic}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}\n`);
}

async function show(id: string, options: Options, context: CommandContext): Promise<void> {
  const isMeant = chooseLetters({ id: [id] });
  const config = await open(options, context);
  const [letter] = await findLetters(config, isMeant, context.signal);
  if (letter === undefined)
    throw new Error(`${config.kafka.deadLetterTopic} holds no dead letter ${id}, or it was replayed`);
  context.stdout.write(`${options.json ? JSON.stringify(wholeLetterJson(letter)) : letterLines(letter)}\n`);
}

/** Reads only once no other replay can be under way: what that one has done is known then, and it can do no more. */
async function replay(options: Options & { readonly all?: boolean }, context: CommandContext): Promise<void> {
  const { code, id, key, since, until, all = false } = options;
  const names = [code, id, key, since, until].filter((name) => name !== undefined);
  if (names.length === 0 && !all)
    throw new UsageError(['name what is to be replayed: --code, --id, --key, --since, --until or --all']);
  const isMeant = chooseLetters(options);
  const config = await open(options, context);
  const back = await kafkaReplay(config.kafka, () => {});
  try {
    const letters = await findLetters(config, isMeant, context.signal);
    const whole = letters.filter(({ omittedBytes }) => omittedBytes === undefined);
    const left = letters.filter(({ omittedBytes }) => omittedBytes !== undefined);
    await back.send(whole);
    tell(
      { replayed: whole.map((letter) => letter.id), left: left.map((letter) => letter.id) },
      config,
      options,
      context,
    );
  } finally {
    await back.close();
  }
}

type Replayed = { readonly replayed: readonly string[]; readonly left: readonly string[] };

function tell(
  { replayed, left }: Replayed,
  { kafka: { inputTopic: topic } }: Config,
  ...[{ json }, { stdout, stderr }]: [Options, CommandContext]
): void {
  if (json) stdout.write(`${JSON.stringify({ topic, replayed, left })}\n`);
  else stdout.write(`${replayed.length} sent to ${topic} again\n`);
  if (left.length > 0)
    stderr.write(`${left.length} left: their values were too long for the dead letters, show says where they are\n`);
}
