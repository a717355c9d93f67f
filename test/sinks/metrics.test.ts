import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { metrics } from '../../src/sinks/metrics.ts';
import { classification, sceneMessage } from '../fakes/classification.ts';
import { parts } from '../setup/parts.ts';

const settings = {
  version: '0.1.0',
  model: classification.model,
  backend: 'wasm',
  classes: ['none', 'ferry'],
  lag: () => new Map([[2, 7]]),
};

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
    counted.retrying('source.unreachable');
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
        'saccade_scenes_in_flight 1',
        'saccade_stage_seconds_bucket{le="0.025",stage="open"} 1',
        'saccade_scene_seconds_count 2',
        'saccade_scene_read_bytes_sum 100',
        'saccade_scene_read_requests_sum 3',
        'saccade_scene_file_bytes_total 1234',
        'saccade_consumer_lag_messages{partition="2"} 7',
        `saccade_build_info{version="0.1.0",model="harbour",model_version="1.0.0",model_sha256="${'a'.repeat(64)}",backend="wasm"} 1`,
      ]),
    );
  });
});
