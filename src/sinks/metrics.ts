import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type FailureCode, failures } from '../errors.ts';
import type { Classification, Confidence, Outcome, Stage } from '../scene.ts';

/**
 * All metrics, declared in one place: what is not here is not on a dashboard. Base units; labels only from closed sets,
 * never an address or a scene's id.
 */
export type Metrics = {
  taken(): void;
  stage(stage: Stage, seconds: number): void;
  retrying(code: FailureCode): void;
  sent(outcome: Outcome, seconds: number): void;
  /** The Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
};

export type MetricsSettings = {
  readonly version: string;
  readonly model: Classification['model'];
  readonly backend: string;
  readonly classes: readonly string[];
  /** Messages that are not finished, by partition; read at every scrape. Undefined without Kafka. */
  readonly lag: (() => ReadonlyMap<number, number>) | undefined;
};

/** Gauges of prom-client's own that are named like counters; Prometheus' linter refuses them. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

const STAGE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const SCENE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const SCENE_BYTES = Array.from({ length: 10 }, (_, n) => 16_384 * 4 ** n);
const SCENE_REQUESTS = [1, 2, 3, 5, 10, 20, 50, 100, 200];

export function metrics({ version, model, backend, classes, lag }: MetricsSettings): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);

  const messages = new Counter({
    name: 'saccade_messages_total',
    help: 'Messages finished, by outcome: classified, or the code of the failure',
    labelNames: ['outcome'],
    registers,
  });
  const scenes = new Counter({
    name: 'saccade_scenes_total',
    help: 'Scenes classified, by class and confidence',
    labelNames: ['class', 'confidence'],
    registers,
  });
  const retries = new Counter({
    name: 'saccade_retries_total',
    help: 'Failed tries that were followed by another, by code',
    labelNames: ['code'],
    registers,
  });
  const inFlight = new Gauge({ name: 'saccade_scenes_in_flight', help: 'Scenes being worked on', registers });
  const stageSeconds = new Histogram({
    name: 'saccade_stage_seconds',
    help: 'Time of each stage of a scene',
    labelNames: ['stage'],
    buckets: STAGE_SECONDS,
    registers,
  });
  const sceneSeconds = new Histogram({
    name: 'saccade_scene_seconds',
    help: 'Time from taking a message to its outcome being sent, tries and pauses included',
    buckets: SCENE_SECONDS,
    registers,
  });
  const sceneBytes = new Histogram({
    name: 'saccade_scene_read_bytes',
    help: 'Bytes read of a classified scene',
    buckets: SCENE_BYTES,
    registers,
  });
  const sceneRequests = new Histogram({
    name: 'saccade_scene_read_requests',
    help: 'Requests made for a classified scene',
    buckets: SCENE_REQUESTS,
    registers,
  });
  const fileBytes = new Counter({
    name: 'saccade_scene_file_bytes_total',
    help: 'Size of the files of classified scenes; against the bytes read, what was saved',
    registers,
  });
  const lastOutcome = new Gauge({
    name: 'saccade_last_outcome_timestamp_seconds',
    help: 'When an outcome was last sent',
    registers,
  });
  new Gauge({
    name: 'saccade_build_info',
    help: 'What is running: always 1',
    labelNames: ['version', 'model', 'model_version', 'model_sha256', 'backend'],
    registers,
  })
    .labels(version, model.name, model.version, model.sha256, backend)
    .set(1);
  if (lag !== undefined)
    new Gauge({
      name: 'saccade_consumer_lag_messages',
      help: 'Messages of the input topic that are not finished, when the partition was last read',
      labelNames: ['partition'],
      registers,
      collect() {
        this.reset(); // partitions come and go
        for (const [partition, behind] of lag()) this.labels(String(partition)).set(behind);
      },
    });

  // A series that appears with its first event hides that event from `rate`.
  for (const outcome of ['classified', ...Object.keys(failures)]) messages.labels(outcome).inc(0);
  for (const label of classes)
    for (const confidence of ['low', 'nominal', 'high'] satisfies Confidence[]) scenes.labels(label, confidence).inc(0);

  return {
    taken: () => inFlight.inc(),
    stage: (stage, seconds) => stageSeconds.labels(stage).observe(seconds),
    retrying: (code) => retries.labels(code).inc(),
    sent(outcome, seconds) {
      inFlight.dec();
      sceneSeconds.observe(seconds);
      lastOutcome.setToCurrentTime();
      messages.labels(outcome.kind === 'failed' ? outcome.failure.code : 'classified').inc();
      if (outcome.kind === 'failed') return;
      const { class: label, confidence, read, source } = outcome.classification;
      scenes.labels(label, confidence).inc();
      sceneBytes.observe(read.bytes);
      sceneRequests.observe(read.requests);
      fileBytes.inc(source.bytes);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
