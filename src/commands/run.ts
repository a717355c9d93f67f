import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { type Logger, pino } from 'pino';
import type { Config } from '../config.ts';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../load-config.ts';
import { draw } from '../model/estimators/draw.ts';
import { loadModel } from '../model/load-model.ts';
import type { Model } from '../model/model.ts';
import { classifyScenes } from '../pipeline/classify-scenes.ts';
import { randomKey, uniforms } from '../random.ts';
import { httpServer } from '../sinks/http-server.ts';
import { metrics } from '../sinks/metrics.ts';
import type { Outcomes } from '../sinks/outcomes.ts';
import type { KafkaMessages } from '../sources/kafka-messages.ts';
import type { MessageSource } from '../sources/message-source.ts';
import { parseScene } from '../sources/scene-message.ts';
import { sceneReader } from '../sources/scene-reader.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';
import { dryRun } from './dry-run.ts';
import { finish } from './finish.ts';
import { healthChecks } from './health-checks.ts';
import { observeRun } from './observe-run.ts';
import { type RunFiles, runEnds } from './run-ends.ts';
import { startTogether } from './start-together.ts';

type RunOptions = RunFiles & { readonly config?: string; readonly dryRun?: boolean; readonly json?: boolean };

/** `saccade run`: the service. Messages in, events and dead letters out, until the input ends or SIGTERM. */
export function addRun(program: Command, context: CommandContext): void {
  program
    .command('run')
    .description('classify scenes from Kafka, or from lines of JSON, until they end or SIGTERM')
    .option('--config <file>', 'settings in YAML; SACCADE_… variables override them')
    .option('--input <file>', 'scene messages, one JSON text a line; - is stdin (the default without Kafka brokers)')
    .option('--output <file>', 'events, one a line; - is stdout (the default without Kafka brokers)')
    .option('--dead-letters <file>', 'messages whose scene failed, one a line; - is stderr (the default)')
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
  const [model, outcomes, messages] = await startTogether(
    loadModel(config.model, { backend: config.backend, ...(config.threads && { threads: config.threads }) }),
    ends.openOutcomes(),
    ends.openMessages(),
  );
  const { name, version: modelVersion } = model.manifest;
  const { backend, device } = model;
  log.info({ version, model: `${name} ${modelVersion}`, backend, device, lanes: config.lanes }, 'running');
  if (backend === 'webgpu' && device.kind === 'cpu')
    log.warn({ device: device.name }, 'webgpu finds no GPU and computes on the CPU: wasm is faster there');
  const parts = { model, outcomes, messages };
  try {
    await work(parts, config, log, context.signal);
  } catch (error) {
    // What ended the work is worth more than what cannot be closed after it.
    await closeAll(parts).catch((err: unknown) => log.warn({ err }, 'could not close everything'));
    throw error;
  }
  await closeAll(parts);
  log.info('stopped');
}

type Parts = { readonly model: Model; readonly outcomes: Outcomes; readonly messages: MessageSource };

/** The source first: its last offsets must be those of outcomes that were sent. */
async function closeAll({ messages, outcomes, model }: Parts): Promise<void> {
  try {
    await messages.close();
  } finally {
    await Promise.all([outcomes.close(), model.close()]);
  }
}

async function work(parts: Parts, config: Config, log: Logger, signal: AbortSignal): Promise<void> {
  const { model, messages, outcomes } = parts;
  const kafka = isKafka(messages) ? messages : undefined;
  const { manifest, sha256, backend, device } = model;
  const { classes, name, version: modelVersion } = manifest;
  const measured = metrics({
    version,
    model: { name, version: modelVersion, sha256 },
    backend,
    device,
    classes,
    usage: () => model.usage(),
    kafka: kafka && (() => kafka.figures()),
  });
  const { sessionSeconds } = config.kafka;
  const health = healthChecks({ kafka: kafka && (() => kafka.health()), outcomes, sessionSeconds, signal });
  const server = config.http.port > 0 ? await httpServer({ metrics: measured, ...health }, config.http) : undefined;
  const reader = sceneReader({ ...config.sources, root: config.sources.root, budget: config.budget });
  try {
    const classified = classifyScenes(
      {
        deliveries: messages,
        parse: (message) => parseScene(message, config.scenes),
        reader,
        model,
        draw,
        outcomes,
        observe: observeRun(measured, log),
        random: uniforms(randomKey(randomUUID())), // members that failed together shall not come back together
      },
      { ...config, ...config.scenes },
    );
    await finish(classified, messages, config.drainSeconds, signal);
  } finally {
    await reader.close();
    await server?.close();
  }
}

function isKafka(messages: MessageSource): messages is KafkaMessages {
  return 'health' in messages;
}
