import type { Config } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { Backend, Model } from '../model/model.ts';
import { rehearse } from '../model/rehearse.ts';
import { checkKafka } from '../sources/messages/kafka/check-kafka.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { CommandContext } from './context.ts';
import { expectRunFiles, isPath, type RunFiles } from './expect-run-files.ts';
import { openModel } from './open-model.ts';
import { chooseEnds, laterTopics } from './run-ends.ts';
import { together } from './together.ts';

/** What `saccade run` would do, as `--dry-run --json` prints it. */
export type Intent = RehearsedModel &
  Ends & {
    readonly lanes: number;
    /** Where /metrics, /livez and /readyz would be; null for nowhere. */
    readonly http: { readonly host: string; readonly port: number } | null;
  };

type RehearsedModel = {
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly backend: Backend;
  readonly device: Model['device'];
  /** Of computing a first scene, on black pixels. */
  readonly seconds: number;
};

type Ends = { readonly messages: End; readonly events: End; readonly deadLetters: End };

/** A file is a path, `-` a standard stream. */
type End =
  | { readonly brokers: readonly string[]; readonly topic: string; readonly group?: string }
  | { readonly file: string };

/**
 * Checks all that `saccade run` needs, side by side, and says what it would do. Takes no message, joins no consumer
 * group, and leaves every file as it is.
 * @throws {UsageError} with every mistake at once
 */
export async function dryRun(
  files: RunFiles,
  config: Config,
  { stdout, signal }: CommandContext,
  { json }: { readonly json: boolean },
): Promise<void> {
  const [model, ends] = await unlessAborted(
    signal,
    together(checkModel(config, signal), checkEnds(files, config, signal)),
  );
  const { host, port } = config.http;
  const intent = { ...model, ...ends, lanes: config.lanes, http: port > 0 ? { host, port } : null };
  stdout.write(`${json ? JSON.stringify(intent) : intentText(intent)}\n`);
}

async function checkModel(config: Config, signal: AbortSignal): Promise<RehearsedModel> {
  const model = await openModel(config, signal);
  const { manifest, sha256 } = model;
  const { name, version } = manifest;
  try {
    const started = performance.now();
    await rehearse(model, manifest);
    const seconds = Math.round(performance.now() - started) / 1000;
    return { model: { name, version, sha256 }, backend: model.backend, device: model.device, seconds };
  } catch (error) {
    throw new UsageError([`${config.model} cannot compute: ${error instanceof Error ? error.message : String(error)}`]);
  } finally {
    await model.close();
  }
}

async function checkEnds(files: RunFiles, config: Config, signal: AbortSignal): Promise<Ends> {
  const { input = '-', output = '-', deadLetters = '-' } = files;
  const { fromKafka, toKafka } = chooseEnds(files, config);
  const { brokers, connectSeconds, group, inputTopic, outputTopic, deadLetterTopic } = config.kafka;
  const later = Object.entries(laterTopics(config)).map(([setting, { topic }]) => [setting, topic] as const);
  const topics = {
    ...(fromKafka && { 'kafka.inputTopic': inputTopic, ...Object.fromEntries(later) }),
    ...(toKafka && { 'kafka.outputTopic': outputTopic, 'kafka.deadLetterTopic': deadLetterTopic }),
  };
  await together(
    ...(fromKafka ? [checkKafka(topics, { brokers, connectSeconds, signal })] : []),
    expectRunFiles(files, { fromKafka, toKafka }),
  );
  return {
    messages: fromKafka ? { brokers, topic: inputTopic, group } : { file: input },
    events: toKafka ? { brokers, topic: outputTopic } : { file: output },
    deadLetters: toKafka ? { brokers, topic: deadLetterTopic } : { file: deadLetters },
  };
}

function intentText({ model, backend, device, seconds, lanes, messages, events, deadLetters, http }: Intent): string {
  return [
    `model         ${model.name} ${model.version}, on ${backend}: a first scene computed in ${seconds} s`,
    `device        ${device.kind.toUpperCase()}: ${device.name}`,
    `messages      from ${endText(messages, 'stdin')}, ${lanes} at a time`,
    `events        to ${endText(events, 'stdout')}`,
    `dead letters  to ${endText(deadLetters, 'stderr')}`,
    `health        ${http === null ? 'not served (http.port is 0)' : `http://${http.host}:${http.port}/metrics, /livez and /readyz`}`,
    'all is in order; nothing was taken and nothing sent',
  ].join('\n');
}

function endText(end: End, stream: string): string {
  if ('file' in end) return isPath(end.file) ? end.file : stream;
  const group = end.group === undefined ? '' : `, as group ${end.group}`;
  return `Kafka topic ${end.topic} at ${end.brokers.join(', ')}${group}`;
}
