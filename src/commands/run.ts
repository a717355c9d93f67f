import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { type Logger, pino } from 'pino';
import type { Config } from '../config.ts';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../load-config.ts';
import { draw } from '../model/estimators/draw.ts';
import type { Model } from '../model/model.ts';
import { Circuits } from '../pipeline/circuits.ts';
import { classifyScenes } from '../pipeline/classify-scenes.ts';
import { HostShares } from '../pipeline/host-shares.ts';
import type { Observe } from '../pipeline/observe.ts';
import { SharedLanes } from '../pipeline/share-lanes.ts';
import { randomKey, uniforms } from '../random.ts';
import { retryTopics } from '../retry-topics.ts';
import type { Message } from '../scene.ts';
import { type HttpServer, httpServer } from '../sinks/http-server.ts';
import { type Metrics, metrics } from '../sinks/metrics.ts';
import type { Outcomes } from '../sinks/outcomes.ts';
import type { KafkaMessages } from '../sources/messages/kafka/kafka-messages.ts';
import type { MessageSource } from '../sources/messages/message-source.ts';
import { parseScene } from '../sources/messages/scene-message.ts';
import { type SceneReader, sceneReader } from '../sources/scene-reader.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';
import { dryRun } from './dry-run.ts';
import type { RunFiles } from './expect-run-files.ts';
import { finish } from './finish.ts';
import { healthChecks } from './health-checks.ts';
import { keepHeapSteady } from './keep-heap-steady.ts';
import { observeRun } from './observe-run.ts';
import { openModel } from './open-model.ts';
import { runEnds } from './run-ends.ts';
import { startTogether } from './start-together.ts';

type RunOptions = RunFiles & { readonly config?: string; readonly dryRun?: boolean; readonly json?: boolean };

/** `saccade run`: the service. Messages in, events and dead letters out, until the input ends or SIGTERM. */
export function addRun(program: Command, context: CommandContext): void {
  program
    .command('run')
    .description('classify scenes from Kafka, or from lines of JSON, until they end or SIGTERM')
    .option('--config <file>', 'settings in YAML; SACCADE_… variables override them')
    .option('--input <file>', 'scene messages, one JSON text a line; - is stdin (the default without Kafka brokers)')
    .option(
      '--output <file>',
      'events, one a line, in place of what the file held; - is stdout (the default without Kafka brokers)',
    )
    .option('--dead-letters <file>', 'messages whose scene failed, likewise; - is stderr (the default)')
    .option('--dry-run', 'check settings, model, backend, topics and files, say what would be done, and end')
    .option('--json', 'with --dry-run: say it as one JSON document')
    .action((options: RunOptions) => run(options, context));
}

async function run({ config: file, dryRun: dry, json, ...files }: RunOptions, context: CommandContext): Promise<void> {
  if (json && !dry) throw new UsageError(['--json goes with --dry-run: events are lines of JSON anyway']);
  const config = await loadConfig(context.environment, file);
  if (dry) return dryRun(files, config, context, { json: json ?? false });
  const log = pino({ level: config.log.level, base: null }, context.stderr);
  const ends = runEnds(files, config, context, (level, message, details) => log[level](details, message));
  const parts = await start(ends, config, context);
  if (parts === undefined) return log.info('stopped before it had started: nothing was taken');
  keepHeapSteady();
  const finished = await work(parts, config, log, context).catch(async (error: unknown) => {
    // What ended the work is worth more than what cannot be closed after it.
    await closeAll(parts).catch((err: unknown) => log.warn({ err }, 'could not close everything'));
    throw error;
  });
  await closeAll(parts);
  const rest = context.signal.aborted ? 'what was not begun is left where it was' : 'the messages have ended';
  log.info({ finished }, `stopped: ${rest}`);
}

type Parts = { readonly model: Model; readonly outcomes: Outcomes; readonly messages: MessageSource };

/** @returns undefined when it is told to stop before all is there, which is a proper end of a service */
async function start(
  ends: ReturnType<typeof runEnds>,
  config: Config,
  { signal }: CommandContext,
): Promise<Parts | undefined> {
  try {
    const loading = openModel(config, signal);
    const opened = [loading, ends.openOutcomes(loading), ends.openMessages()] as const;
    const [model, outcomes, messages] = await startTogether(signal, ...opened);
    return { model, outcomes, messages };
  } catch (error) {
    if (error !== signal.reason) throw error;
    return undefined;
  }
}

/** The source first: its last offsets must be those of outcomes that were sent. */
async function closeAll({ messages, outcomes, model }: Parts): Promise<void> {
  try {
    await messages.close();
  } finally {
    await Promise.all([outcomes.close(), model.close()]);
  }
}

/** @returns how many messages were finished */
async function work(parts: Parts, config: Config, log: Logger, context: CommandContext): Promise<number> {
  const { environment, signal } = context;
  const now = () => performance.now() / 1000;
  const circuits = new Circuits(config.circuit, {
    now,
    changed: (host, isDown) => log.warn({ host }, isDown ? 'a host is down: it is only probed' : 'a host is back'),
  });
  const reader = sceneReader({ ...config.sources, environment, budget: config.budget });
  const deliveries = shareLanes(parts, config, { now, signal });
  const measured = measure(parts, { circuits, reader, deliveries });
  const server = await tellOverHttp(parts, config, { measured, signal });
  sayThatItRuns(parts, config, log);
  const { drainSeconds } = config;
  const tell = () => log.info({ drainSeconds }, 'stopping: nothing more is taken, begun scenes are being finished');
  signal.addEventListener('abort', tell, { once: true });
  // What has no way out is not taken in.
  const { messages, outcomes } = parts;
  if (isKafka(messages)) outcomes.watch((isBlocked) => messages.hold(isBlocked));
  const { observe, finished } = counted(observeRun(measured, log), deliveries);
  try {
    const outcomesOfAll = classify(parts, config, { deliveries, reader, circuits, observe });
    await finish(outcomesOfAll, messages, { drainSeconds, signal });
    return finished();
  } finally {
    await reader.close();
    await server?.close();
  }
}

function sayThatItRuns({ model }: Parts, { lanes }: Config, log: Logger): void {
  const { backend, device, manifest } = model;
  log.info({ version, model: `${manifest.name} ${manifest.version}`, backend, device, lanes }, 'running');
  if (backend === 'webgpu' && device.kind === 'cpu')
    log.warn({ device: device.name }, 'webgpu finds no GPU and computes on the CPU: wasm is faster there');
}

type Tools = {
  readonly deliveries: SharedLanes;
  readonly reader: SceneReader;
  readonly circuits: Circuits;
  readonly observe: Observe;
};

function shareLanes(
  { model, messages }: Parts,
  config: Config,
  { now, signal }: { now: () => number; signal: AbortSignal },
): SharedLanes {
  const parse = (message: Message) => parseScene(message, { ...config.scenes, bands: model.manifest.bands });
  const canPutOff = ({ kafka, earlier }: Message) =>
    kafka !== undefined && (earlier?.steps ?? 0) < config.kafka.retryTopics.length;
  return new SharedLanes(messages, { shares: new HostShares(config.lanes, now), parse, canPutOff, signal }, config);
}

function classify({ model, outcomes }: Parts, config: Config, tools: Tools) {
  const parse = (message: Message) => tools.deliveries.parse(message);
  const random = uniforms(randomKey(randomUUID())); // members that failed together shall not come back together
  const later = retryTopics(config.kafka.inputTopic, config.kafka.retryTopics);
  const parts = { parse, model, draw, outcomes, random, ...tools };
  return classifyScenes(parts, { ...config, ...config.scenes, retryTopics: later });
}

/** Also counts what was sent, and says how long it had a lane. */
function counted(observe: Observe, deliveries: SharedLanes): { observe: Observe; finished: () => number } {
  let finished = 0;
  const sent: Observe['sent'] = (outcome, seconds) => {
    finished += 1;
    deliveries.sent(outcome, seconds);
    observe.sent(outcome, seconds);
  };
  return { observe: { ...observe, sent }, finished: () => finished };
}

function measure(
  { model, messages }: Parts,
  { circuits, reader, deliveries }: Pick<Tools, 'circuits' | 'reader' | 'deliveries'>,
): Metrics {
  const { manifest, sha256, backend, device } = model;
  const { classes, name, version: modelVersion } = manifest;
  const kafka = isKafka(messages) ? () => messages.figures() : undefined;
  const usage = () => model.usage();
  const hostsDown = () => circuits.down;
  return metrics({
    version,
    model: { name, version: modelVersion, sha256 },
    backend,
    device,
    classes,
    usage,
    kafka,
    hostsDown,
    aside: () => deliveries.aside,
    reads: () => reader.figures,
  });
}

async function tellOverHttp(
  { messages, outcomes }: Parts,
  { http, kafka: { sessionSeconds } }: Config,
  { measured, signal }: { measured: Metrics; signal: AbortSignal },
): Promise<HttpServer | undefined> {
  if (http.port === 0) return undefined;
  const kafka = isKafka(messages) ? () => messages.health() : undefined;
  return httpServer({ metrics: measured, ...healthChecks({ kafka, outcomes, sessionSeconds, signal }) }, http);
}

function isKafka(messages: MessageSource): messages is KafkaMessages {
  return 'health' in messages;
}
