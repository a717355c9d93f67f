import type { Registry } from 'prom-client';
import { type FailureCode, failures } from '../errors.ts';
import type { Confidence, Failure, Outcome, ReadCost, ReadKind, Stage } from '../scene.ts';
import { declareIn } from './declare-metrics.ts';

/** What is told of every scene as it goes its way. */
export type SceneMetrics = {
  taken(): void;
  stage(stage: Stage, seconds: number): void;
  read(kind: ReadKind, cost: Readonly<ReadCost>): void;
  retrying(code: FailureCode, stage: Failure['stage']): void;
  moved(): void;
  sent(outcome: Outcome, seconds: number): void;
};

const failingStages: readonly Failure['stage'][] = ['message', 'open', 'attend', 'fetch', 'look', 'output'];
const confidences: readonly Confidence[] = ['low', 'nominal', 'high'];

const STAGE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const SCENE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const END_TO_END_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
/** From a minute to a month. */
const AGE_SECONDS = [60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 259_200, 604_800, 2_592_000];
const SCENE_BYTES = Array.from({ length: 10 }, (_, n) => 16_384 * 4 ** n);
const SCENE_REQUESTS = [1, 2, 3, 5, 10, 20, 50, 100, 200];

/** Declares what scenes add to, every series of it: one that appears with its first event hides that event from `rate`. */
export function sceneMetrics(registry: Registry, classes: readonly string[]): SceneMetrics {
  const outcomes = declareOutcomes(registry, classes);
  const times = declareTimes(registry);
  const reads = declareReads(registry);
  let inFlight = 0;
  let lastOutcome = 0;
  const { reading } = declareIn(registry);
  reading('scenes_in_flight', 'Scenes being worked on', () => inFlight);
  reading('last_outcome_timestamp_seconds', 'When an outcome was last sent', () => lastOutcome / 1000);
  const failed = (code: FailureCode, stage: Failure['stage']) => outcomes.stageErrors.labels(stage, code).inc();
  return {
    taken() {
      outcomes.taken.inc();
      inFlight += 1;
    },
    stage: (stage, seconds) => times.of[stage].observe(seconds),
    read(kind, cost) {
      reads.of[kind].bytes.inc(cost.bytes);
      reads.of[kind].requests.inc(cost.requests);
      reads.of[kind].tiles.inc(cost.tiles);
    },
    retrying(code, stage) {
      outcomes.retries.labels(code).inc();
      failed(code, stage);
    },
    moved() {
      outcomes.moved.inc();
      inFlight -= 1;
    },
    sent(outcome, seconds) {
      inFlight -= 1;
      if (outcome.kind !== 'classified') failed(outcome.failure.code, outcome.failure.stage);
      if (outcome.kind === 'postponed') return outcomes.postponed.labels(outcome.failure.code).inc();
      lastOutcome = Date.now();
      outcomes.messages.labels(outcome.kind === 'failed' ? outcome.failure.code : 'classified').inc();
      times.sent(outcome, seconds);
      if (outcome.kind === 'failed') return;
      const { class: label, confidence, read, source } = outcome.classification;
      outcomes.scenes.labels(label, confidence).inc();
      reads.sceneBytes.observe(read.bytes);
      reads.sceneRequests.observe(read.requests);
      reads.fileBytes.inc(source.bytes);
    },
  };
}

function declareOutcomes(registry: Registry, classes: readonly string[]) {
  const { counter } = declareIn(registry);
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
  messages.labels('classified');
  for (const [code, { transient }] of Object.entries(failures)) {
    messages.labels(code);
    for (const stage of failingStages) stageErrors.labels(stage, code);
    if (!transient) continue;
    retries.labels(code);
    postponed.labels(code);
  }
  for (const label of classes) for (const confidence of confidences) scenes.labels(label, confidence);
  return { taken, messages, scenes, moved, retries, stageErrors, postponed };
}

function declareTimes(registry: Registry) {
  const { histogram } = declareIn(registry);
  const stage = histogram('stage_seconds', 'Time of each stage of a scene', STAGE_SECONDS, 'stage');
  const scene = histogram(
    'scene_seconds',
    'Time from taking a message to its outcome being sent, tries and pauses included',
    SCENE_SECONDS,
  ).labels();
  const endToEnd = histogram(
    'end_to_end_seconds',
    'Time from a message being put into its topic to its outcome being sent',
    END_TO_END_SECONDS,
  ).labels();
  const acquisitionAge = histogram(
    'acquisition_age_seconds',
    'Time from the acquisition of a scene, where it is known, to its event',
    AGE_SECONDS,
  ).labels();
  return {
    of: {
      open: stage.labels('open'),
      attend: stage.labels('attend'),
      fetch: stage.labels('fetch'),
      look: stage.labels('look'),
    },
    sent(outcome: Exclude<Outcome, { kind: 'postponed' }>, seconds: number): void {
      scene.observe(seconds);
      const { kafka } = outcome.message;
      if (kafka) endToEnd.observe(secondsSince(kafka.timestamp));
      const datetime = outcome.kind === 'classified' ? outcome.classification.scene.datetime : undefined;
      if (datetime) acquisitionAge.observe(secondsSince(Date.parse(datetime)));
    },
  };
}

function declareReads(registry: Registry) {
  const { counter, histogram } = declareIn(registry);
  const bytes = counter('read_bytes_total', 'Bytes read of files, by what they were read for', 'kind');
  const requests = counter('read_requests_total', 'Requests made for files, by what was read', 'kind');
  const tiles = counter('read_tiles_total', 'Tiles decoded, by what they were read for', 'kind');
  const seriesOf = (kind: ReadKind) => ({
    bytes: bytes.labels(kind),
    requests: requests.labels(kind),
    tiles: tiles.labels(kind),
  });
  return {
    of: { header: seriesOf('header'), overview: seriesOf('overview'), patches: seriesOf('patches') },
    sceneBytes: histogram('scene_read_bytes', 'Bytes read of a classified scene', SCENE_BYTES).labels(),
    sceneRequests: histogram('scene_read_requests', 'Requests made for a classified scene', SCENE_REQUESTS).labels(),
    fileBytes: counter(
      'scene_file_bytes_total',
      'Size of the files of classified scenes; against the bytes read, what was saved',
    ).labels(),
  };
}

/** Clocks of several machines differ: what came before it was sent took no time. */
function secondsSince(milliseconds: number): number {
  return Math.max(0, Date.now() - milliseconds) / 1000;
}
