import { Registry } from 'prom-client';
import { type FailureCode, failures } from '../errors.ts';
import type { Classification, Confidence, Failure, Outcome, ReadCost, ReadKind, Stage } from '../scene.ts';
import { declareIn } from './declare-metrics.ts';
import { addProcessMetrics } from './process-metrics.ts';

/**
 * All metrics, declared in one place: what is not here is not on a dashboard. Base units; labels only from closed sets,
 * never an address or a scene's id. Memory, processor and event loop are told by the `process_…` and `nodejs_…`
 * metrics of prom-client.
 */
export type Metrics = {
  taken(): void;
  stage(stage: Stage, seconds: number): void;
  read(kind: ReadKind, cost: Readonly<ReadCost>): void;
  retrying(code: FailureCode, stage: Failure['stage']): void;
  moved(): void;
  sent(outcome: Outcome, seconds: number): void;
  /** The Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
};

export type MetricsSettings = {
  readonly version: string;
  readonly model: Classification['model'];
  readonly backend: string;
  /** What it computes on. */
  readonly device: { readonly kind: 'gpu' | 'cpu'; readonly name: string };
  readonly classes: readonly string[];
  /** What the inference threads hold; asked at every scrape. */
  readonly usage: () => {
    readonly tensors: number;
    readonly tensorBytes: number;
    readonly gpuBytes: number | undefined;
  };
  /** What reading has come to so far; asked at every scrape. */
  readonly reads: () => ReadFigures;
  /** How the consumer fares; asked at every scrape. Undefined without Kafka. */
  readonly kafka: (() => ConsumerFigures) | undefined;
  /** Hosts that count as down; asked at every scrape. */
  readonly hostsDown?: () => number;
  /** Scenes that wait without a lane; asked at every scrape. */
  readonly aside?: () => number;
};

export type ReadFigures = {
  /** Headers of files that were in memory, or being read for another scene. */
  readonly headerHits: number;
  readonly headerMisses: number;
  /** Ranges that were asked for again. */
  readonly retries: number;
};

export type ConsumerFigures = {
  /** Messages that are not finished, by partition. */
  readonly lag: ReadonlyMap<number | string, number>;
  readonly pausedPartitions: number;
  readonly assignments: number;
  readonly failedCommits: number;
  /** In seconds since 1970. */
  readonly lastHeartbeat: number;
};

const failingStages: readonly Failure['stage'][] = ['message', 'open', 'attend', 'fetch', 'look', 'output'];

const STAGE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const SCENE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const END_TO_END_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
/** From a minute to a month. */
const AGE_SECONDS = [60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 259_200, 604_800, 2_592_000];
const SCENE_BYTES = Array.from({ length: 10 }, (_, n) => 16_384 * 4 ** n);
const SCENE_REQUESTS = [1, 2, 3, 5, 10, 20, 50, 100, 200];

export function metrics({
  version,
  model,
  backend,
  device,
  classes,
  usage,
  kafka,
  reads,
  hostsDown,
  aside,
}: MetricsSettings): Metrics {
  const registry = new Registry();
  const { counter, gauge, histogram, reading } = declareIn(registry);
  addProcessMetrics(registry);

  const taken = counter('messages_taken_total', 'Messages that a lane has begun to work on').labels();
  const messages = counter(
    'messages_total',
    'Messages finished, by outcome: classified, or the code of the failure',
    'outcome',
  );
  const scenes = counter('scenes_total', 'Scenes classified, by class and confidence', 'class', 'confidence');
  const moved = counter(
    'messages_moved_total',
    'Messages begun that a rebalance took to another member before their outcome was sent',
  ).labels();
  const retries = counter('retries_total', 'Failed tries that were followed by another, by code', 'code');
  const stageErrors = counter(
    'stage_errors_total',
    'Tries that failed, by stage and code, those included that were followed by another',
    'stage',
    'code',
  );
  const postponed = counter('postponed_total', 'Messages put off to a retry topic, by code', 'code');
  let inFlight = 0;
  reading('scenes_in_flight', 'Scenes being worked on', () => inFlight);
  const stageSeconds = histogram('stage_seconds', 'Time of each stage of a scene', STAGE_SECONDS, 'stage');
  const sceneSeconds = histogram(
    'scene_seconds',
    'Time from taking a message to its outcome being sent, tries and pauses included',
    SCENE_SECONDS,
  ).labels();
  const endToEndSeconds = histogram(
    'end_to_end_seconds',
    'Time from a message being put into its topic to its outcome being sent',
    END_TO_END_SECONDS,
  ).labels();
  const acquisitionAge = histogram(
    'acquisition_age_seconds',
    'Time from the acquisition of a scene, where it is known, to its event',
    AGE_SECONDS,
  ).labels();
  const readBytes = counter('read_bytes_total', 'Bytes read of files, by what they were read for', 'kind');
  const readRequests = counter('read_requests_total', 'Requests made for files, by what was read', 'kind');
  const readTiles = counter('read_tiles_total', 'Tiles decoded, by what they were read for', 'kind');
  const sceneBytes = histogram('scene_read_bytes', 'Bytes read of a classified scene', SCENE_BYTES).labels();
  const sceneRequests = histogram(
    'scene_read_requests',
    'Requests made for a classified scene',
    SCENE_REQUESTS,
  ).labels();
  const fileBytes = counter(
    'scene_file_bytes_total',
    'Size of the files of classified scenes; against the bytes read, what was saved',
  ).labels();
  let lastOutcome = 0;
  reading('last_outcome_timestamp_seconds', 'When an outcome was last sent', () => lastOutcome / 1000);
  reading('tensors', 'Tensors held by the inference threads', () => usage().tensors);
  reading('tensor_bytes', 'Bytes of these tensors', () => usage().tensorBytes);
  if (usage().gpuBytes !== undefined)
    reading('gpu_memory_bytes', 'Memory of the GPU that the backend holds', () => usage().gpuBytes ?? 0);
  gauge('build_info', 'What is running: always 1', 'version', 'model', 'model_version', 'model_sha256', 'backend')
    .labels(version, model.name, model.version, model.sha256, backend)
    .set(1);
  gauge('backend_info', 'What computes, and on what: always 1', 'backend', 'device', 'name')
    .labels(backend, device.kind, device.name)
    .set(1);
  declareReads(registry, reads);
  if (kafka) declareConsumer(registry, kafka);
  if (aside) reading('scenes_aside', 'Scenes that wait without a lane: their host is slow and has its share', aside);
  if (hostsDown) reading('hosts_down', 'Hosts of scenes that count as down: only probed, one try at a time', hostsDown);

  // A series that appears with its first event hides that event from `rate`.
  messages.labels('classified');
  for (const [code, { transient }] of Object.entries(failures)) {
    messages.labels(code);
    for (const stage of failingStages) stageErrors.labels(stage, code);
    if (!transient) continue;
    retries.labels(code);
    postponed.labels(code);
  }
  const seriesOf = (kind: ReadKind) => ({
    bytes: readBytes.labels(kind),
    requests: readRequests.labels(kind),
    tiles: readTiles.labels(kind),
  });
  const readOf = { header: seriesOf('header'), overview: seriesOf('overview'), patches: seriesOf('patches') };
  const timed = {
    open: stageSeconds.labels('open'),
    attend: stageSeconds.labels('attend'),
    fetch: stageSeconds.labels('fetch'),
    look: stageSeconds.labels('look'),
  };
  for (const label of classes)
    for (const confidence of ['low', 'nominal', 'high'] satisfies Confidence[]) scenes.labels(label, confidence);

  return {
    taken() {
      taken.inc();
      inFlight += 1;
    },
    stage: (stage, seconds) => timed[stage].observe(seconds),
    read(kind, cost) {
      readOf[kind].bytes.inc(cost.bytes);
      readOf[kind].requests.inc(cost.requests);
      readOf[kind].tiles.inc(cost.tiles);
    },
    retrying(code, stage) {
      retries.labels(code).inc();
      stageErrors.labels(stage, code).inc();
    },
    moved() {
      moved.inc();
      inFlight -= 1;
    },
    sent(outcome, seconds) {
      inFlight -= 1;
      if (outcome.kind === 'postponed') {
        postponed.labels(outcome.failure.code).inc();
        stageErrors.labels(outcome.failure.stage, outcome.failure.code).inc();
        return;
      }
      sceneSeconds.observe(seconds);
      lastOutcome = Date.now();
      const { kafka } = outcome.message;
      if (kafka) endToEndSeconds.observe(secondsSince(kafka.timestamp));
      messages.labels(outcome.kind === 'failed' ? outcome.failure.code : 'classified').inc();
      if (outcome.kind === 'failed') {
        stageErrors.labels(outcome.failure.stage, outcome.failure.code).inc();
        return;
      }
      const { class: label, confidence, read, source, scene } = outcome.classification;
      scenes.labels(label, confidence).inc();
      sceneBytes.observe(read.bytes);
      sceneRequests.observe(read.requests);
      fileBytes.inc(source.bytes);
      if (scene.datetime) acquisitionAge.observe(secondsSince(Date.parse(scene.datetime)));
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function declareReads(registry: Registry, figures: () => ReadFigures): void {
  const { count } = declareIn(registry);
  count('header_cache_hits_total', 'Headers of files that need not be read', () => figures().headerHits);
  count('header_cache_misses_total', 'Headers of files that had to be read', () => figures().headerMisses);
  count('range_retries_total', 'Ranges that did not come and were asked for again', () => figures().retries);
}

function declareConsumer(registry: Registry, figures: () => ConsumerFigures): void {
  const { reading, readings, count } = declareIn(registry);
  readings(
    'consumer_lag_messages',
    'Messages of the input topic that are not finished; where it ends was asked at most 15 s ago',
    'partition',
    () => figures().lag,
  );
  reading('paused_partitions', 'Partitions that wait for lanes', () => figures().pausedPartitions);
  count('rebalances_total', 'Times that partitions were given out, the first included', () => figures().assignments);
  count(
    'commit_failures_total',
    'Commits of offsets that failed, those apart that a rebalance overtook',
    () => figures().failedCommits,
  );
  reading(
    'last_heartbeat_timestamp_seconds',
    'When the consumer group last answered a heartbeat',
    () => figures().lastHeartbeat,
  );
}

/** Clocks of several machines differ: what came before it was sent took no time. */
function secondsSince(milliseconds: number): number {
  return Math.max(0, Date.now() - milliseconds) / 1000;
}
