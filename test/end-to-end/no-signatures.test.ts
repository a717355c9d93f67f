import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RangeServer } from '../../src/commands/range-server.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { freePort } from '../setup/free-port.ts';
import { until } from '../setup/kafka-topics.ts';
import { type Fault, serveWithFaults } from '../setup/range-server.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

const SECRET = 'sig=5ECRET';

describe('saccade run on signed addresses', () => {
  let folder: string;
  let server: RangeServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-signed-'));
    await makeHarbour({ directory: folder, scenes: 1, sizes: [1024], seed: 3 });
    const faults: Readonly<Record<string, Fault>> = {
      '/denied.tif': { status: 403, body: Buffer.from(SECRET) },
      '/broken.tif': { ending: 'reset' },
      '/moved.tif': { status: 302, headers: { location: `https://169.254.169.254/latest?${SECRET}` } },
      '/astray.tif': { status: 302, headers: { location: `https://?${SECRET}` } },
      '/text.tif': { status: 206, headers: { 'content-range': `bytes 0-9/10` }, body: Buffer.from(SECRET) },
    };
    server = await serveWithFaults(folder, { respond: ({ url }) => faults[(url ?? '').split('?')[0] ?? ''] });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('tells the signature to the server alone: not in events, reasons, logs or metrics', async () => {
    const files = ['scene-00000', 'denied', 'broken', 'moved', 'astray', 'text', 'nowhere'];
    const messages = [
      ...files.map((name) => JSON.stringify({ href: `${server.url}/${name}.tif?${SECRET}` })),
      JSON.stringify({ href: `https://user:5ECRET@169.254.169.254/a.tif?${SECRET}` }),
      JSON.stringify({ href: `s3://Bucket/a.tif?${SECRET}` }),
      JSON.stringify({ href: `example.org/a.tif?${SECRET}` }),
      `{"href":"https://example.org/a.tif?${SECRET}"} 5ECRET`,
    ];
    const port = await freePort();
    const environment = {
      ...{ SACCADE_MODEL: await untrainedHarbour(), SACCADE_BACKEND: 'wasm', SACCADE_THREADS: '1' },
      ...{
        SACCADE_SOURCES_PRIVATE_ORIGINS: server.url,
        SACCADE_LOG_LEVEL: 'trace',
        SACCADE_RETRY_BASE_SECONDS: '0.01',
      },
      ...{ SACCADE_HTTP_PORT: String(port), SACCADE_HTTP_HOST: '127.0.0.1' },
    };
    const saccade = spawnSaccade(['run'], environment, 'open');
    saccade.say(`${messages.join('\n')}\n`);
    const letters = () =>
      saccade
        .stderr()
        .split('\n')
        .filter((line) => line.includes('"saccade_code"'));
    await until('all are answered', async () => letters().length === messages.length - 1 && saccade.stdout() !== '');
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('saccade_messages_total{');
    await saccade.stop();
    expect(server.requests.some(({ url }) => url.includes(SECRET))).toBe(true);
    const { value, ...reasons } = JSON.parse(letters()[0] ?? '');
    expect([typeof value, reasons.saccade_reason]).toEqual(['string', expect.any(String)]);
    // A dead letter repeats its message, signature and all: it is the one that came, to be sent again.
    const told = saccade.stderr().replace(/"value":"(\\.|[^"\\])*"/g, '');
    expect([told, saccade.stdout(), metrics].filter((text) => text.includes('5ECRET'))).toEqual([]);
    const codes = letters().map((line) => JSON.parse(line).saccade_code);
    expect(codes.sort()).toEqual([
      ...['cog.invalid', 'message.malformed', 'message.malformed', 'source.forbidden', 'source.missing'],
      ...['source.protocol', 'source.refused', 'source.refused', 'source.refused', 'source.unreachable'],
    ]);
  });
});
