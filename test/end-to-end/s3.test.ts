import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RangeServer } from '../../src/commands/range-server.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { serveS3 } from '../setup/s3-server.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

const store = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI', region: 'eu-central-1' };
const href = 's3://scenes/scene-00000.tif';

describe('saccade on scenes in S3', () => {
  let folder: string;
  let server: RangeServer;
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-s3-'));
    await mkdir(join(folder, 'scenes'));
    await makeHarbour({ directory: join(folder, 'scenes'), scenes: 1, sizes: [1024], seed: 3 });
    server = await serveS3(folder, store);
    environment = {
      ...{ SACCADE_MODEL: await untrainedHarbour(), SACCADE_BACKEND: 'wasm', SACCADE_THREADS: '1' },
      ...{ AWS_ACCESS_KEY_ID: store.accessKeyId, AWS_SECRET_ACCESS_KEY: store.secretAccessKey },
      ...{ AWS_REGION: store.region, AWS_ENDPOINT_URL_S3: server.url },
    };
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('runs, classifies and inspects them with the keys of the environment, which it never tells', async () => {
    const run = spawnSaccade(['run'], { ...environment, SACCADE_LOG_LEVEL: 'trace' }, JSON.stringify({ href }));
    const classify = spawnSaccade(['classify', '--json', href], environment);
    const inspect = spawnSaccade(['inspect', '--json', href], environment);
    for (const program of [run, classify, inspect]) {
      expect([await program.ended(), program.stdout() === '']).toEqual([0, false]);
      for (const text of [program.stdout(), program.stderr()])
        for (const secret of [store.secretAccessKey, 'Signature=']) expect(text).not.toContain(secret);
    }
    const [event, same] = [JSON.parse(run.stdout()), JSON.parse(classify.stdout())];
    expect(event.data.properties.source).toMatchObject({ href, id: href });
    expect(event.id).toBe(same.id);
    expect(JSON.parse(inspect.stdout())).toMatchObject({ href, cog: { valid: true } });
  });

  it('reads no bucket but those that are allowed, and none without the right keys', async () => {
    const codes = async (more: Readonly<Record<string, string>>) => {
      const run = spawnSaccade(['run'], { ...environment, ...more }, JSON.stringify({ href }));
      expect([await run.ended(), run.stdout()]).toEqual([0, '']);
      return /"saccade_code":"([\w.]+)"/.exec(run.stderr())?.[1];
    };
    expect(await codes({ SACCADE_SOURCES_BUCKETS: 's3://others' })).toBe('source.refused');
    expect(await codes({ AWS_SECRET_ACCESS_KEY: 'wrong' })).toBe('source.forbidden');
  });
});
