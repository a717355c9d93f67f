import type { Registry } from 'prom-client';
import { declareIn } from './declare-metrics.ts';

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

/** What others count, asked at every scrape. */
export type ScrapedFigures = {
  /** What the inference threads hold. */
  readonly usage: () => {
    readonly tensors: number;
    readonly tensorBytes: number;
    readonly gpuBytes: number | undefined;
  };
  /** What reading has come to so far. */
  readonly reads: () => ReadFigures;
  /** How the consumer fares; undefined without Kafka. */
  readonly kafka: (() => ConsumerFigures) | undefined;
  /** Hosts that count as down. */
  readonly hostsDown?: () => number;
  /** Scenes that wait without a lane. */
  readonly aside?: () => number;
};

export function declareScraped(registry: Registry, { usage, reads, kafka, hostsDown, aside }: ScrapedFigures): void {
  const { reading } = declareIn(registry);
  reading('tensors', 'Tensors held by the inference threads', () => usage().tensors);
  reading('tensor_bytes', 'Bytes of these tensors', () => usage().tensorBytes);
  if (usage().gpuBytes !== undefined)
    reading('gpu_memory_bytes', 'Memory of the GPU that the backend holds', () => usage().gpuBytes ?? 0);
  declareReads(registry, reads);
  if (kafka) declareConsumer(registry, kafka);
  if (aside) reading('scenes_aside', 'Scenes that wait without a lane: their host is slow and has its share', aside);
  if (hostsDown) reading('hosts_down', 'Hosts of scenes that count as down: only probed, one try at a time', hostsDown);
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
