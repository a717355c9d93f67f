import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type FailureCode, failures } from '../../src/errors.ts';
import { type MetricsSettings, metrics } from '../../src/sinks/metrics.ts';
import { classification, sceneMessage } from '../fakes/classification.ts';
import { parts } from '../setup/parts.ts';

const settings = {
  version: '0.1.0',
  model: classification.model,
  backend: 'wasm',
  device: { kind: 'cpu', name: 'a processor' },
  classes: ['none', 'ferry'],
  usage: () => ({ tensors: 6, tensorBytes: 360, gpuBytes: undefined }),
  reads: () => ({ headerHits: 4, headerMisses: 5, retries: 6 }),
  kafka: () => ({
    lag: new Map([[2, 7]]),
    pausedPartitions: 1,
    assignments: 3,
    failedCommits: 2,
    lastHeartbeat: 1.5e9,
  }),
} satisfies MetricsSettings;

describe('metrics', () => {
  it.skipIf(!parts.promtool)('passes the linter of Prometheus, needs promtool', async () => {
    const linted = spawnSync('promtool', ['check', 'metrics'], {
      input: await metrics(settings).text(),
      encoding: 'utf8',
    });
    expect([linted.stderr, linted.status]).toEqual(['', 0]);
  });

  it('counts outcomes, classes, stages, reading and lag', async () => {
    const counted = metrics(settings);
    for (let n = 0; n < 3; n += 1) counted.taken();
    counted.stage('open', 0.02);
    counted.read('header', { bytes: 32_768, requests: 1, trips: 1, tiles: 0 });
    counted.read('patches', { bytes: 9000, requests: 2, trips: 1, tiles: 3 });
    counted.retrying('source.unreachable', 'fetch');
    counted.sent({ kind: 'classified', message: sceneMessage, classification }, 1.5);
    const failure = { code: 'cog.invalid', reason: '', stage: 'open', attempts: 1 } as const;
    counted.sent({ kind: 'failed', message: sceneMessage, failure }, 0.1);
    const lines = (await counted.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'saccade_messages_total{outcome="classified"} 1',
        'saccade_messages_total{outcome="cog.invalid"} 1',
        'saccade_messages_total{outcome="internal"} 0',
        'saccade_scenes_total{class="ferry",confidence="nominal"} 1',
        'saccade_scenes_total{class="none",confidence="low"} 0',
        'saccade_retries_total{code="source.unreachable"} 1',
        'saccade_stage_errors_total{stage="fetch",code="source.unreachable"} 1',
        'saccade_stage_errors_total{stage="open",code="cog.invalid"} 1',
        'saccade_stage_errors_total{stage="output",code="output.rejected"} 0',
        'saccade_read_tiles_total{kind="patches"} 3',
        'saccade_scenes_in_flight 1',
        'saccade_header_cache_hits_total 4',
        'saccade_header_cache_misses_total 5',
        'saccade_range_retries_total 6',
        'saccade_retries_total{code="source.changed"} 0',
        'saccade_postponed_total{code="source.unreachable"} 0',
        'saccade_stage_seconds_bucket{le="0.025",stage="open"} 1',
        'saccade_scene_seconds_count 2',
        'saccade_read_bytes_total{kind="header"} 32768',
        'saccade_read_bytes_total{kind="overview"} 0',
        'saccade_read_requests_total{kind="patches"} 2',
        'saccade_messages_taken_total 3',
        'saccade_end_to_end_seconds_count 2',
        'saccade_acquisition_age_seconds_count 1',
        'saccade_tensors 6',
        'saccade_tensor_bytes 360',
        'saccade_paused_partitions 1',
        'saccade_rebalances_total 3',
        'saccade_commit_failures_total 2',
        'saccade_last_heartbeat_timestamp_seconds 1500000000',
        'saccade_scene_read_bytes_sum 100',
        'saccade_scene_read_requests_sum 3',
        'saccade_scene_file_bytes_total 1234',
        'saccade_consumer_lag_messages{partition="2"} 7',
        `saccade_build_info{version="0.1.0",model="harbour",model_version="1.0.0",model_sha256="${'a'.repeat(64)}",backend="wasm"} 1`,
        'saccade_backend_info{backend="wasm",device="cpu",name="a processor"} 1',
      ]),
    );
  });

  it('tells the memory of a GPU only where the backend can', async () => {
    const names = async (gpuBytes: number | undefined) => {
      const text = await metrics({ ...settings, usage: () => ({ tensors: 1, tensorBytes: 4, gpuBytes }) }).text();
      return text.includes('saccade_gpu_memory_bytes');
    };
    expect([await names(undefined), await names(0)]).toEqual([false, true]);
  });

  it('tells memory and the delay of the event loop of this process', async () => {
    const text = await metrics(settings).text();
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_heap_size_used_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(text).toMatch(new RegExp(`^${name} [0-9.e-]+$`, 'm'));
  });

  it('stays far below 2000 series, however much is counted', async () => {
    const kafka = () => ({ ...settings.kafka(), lag: new Map(Array.from({ length: 64 }, (_, n) => [n, 1])) });
    const counted = metrics({ ...settings, classes: Array.from({ length: 10 }, (_, n) => `class-${n}`), kafka });
    for (const code of Object.keys(failures) as FailureCode[]) counted.retrying(code, 'open'); // keys of a closed table
    for (const stage of ['open', 'attend', 'fetch', 'look'] as const) counted.stage(stage, 1);
    const series = (await counted.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(series.length).toBeLessThan(500);
  });
});
