import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { type Fault, serveWithFaults } from '../setup/range-server.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

type Respond = (request: IncomingMessage) => Fault | undefined | Promise<undefined>;

/** What the real program makes of real servers that are late, and of scenes that cost too much. */
describe('saccade run within its deadlines and budgets', () => {
  let folder: string;
  let model: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-budgets-'));
    await makeHarbour({ directory: folder, scenes: 2, sizes: [2048], seed: 3 });
    model = await untrainedHarbour();
  });
  afterAll(async () => {
    for (const path of [folder, model]) await rm(path, { recursive: true });
  });
  const environment = {
    SACCADE_BACKEND: 'wasm',
    SACCADE_THREADS: '1',
    SACCADE_LANES: '1',
    SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
    SACCADE_SOURCES_TIMEOUT_SECONDS: '3000',
    SACCADE_RETRY_ATTEMPTS: '2',
    SACCADE_RETRY_BASE_SECONDS: '0.01',
    SACCADE_LOG_LEVEL: 'silent',
  };

  async function serve(respond: Respond) {
    const server = await serveWithFaults(folder, { respond });
    onTestFinished(() => server.close());
    return server;
  }

  /** Classifies the scenes one after another; the dead letters, without what is the same in all. */
  async function failuresOf(urls: readonly string[], more: Readonly<Record<string, string>>) {
    const input = urls.map((href) => JSON.stringify({ href })).join('\n');
    const run = spawnSaccade(['run'], { SACCADE_MODEL: model, ...environment, ...more }, input);
    expect(await run.ended()).toBe(0);
    const lines = [run.stdout(), run.stderr()].map((text) => text.split('\n').filter((line) => line !== ''));
    const [events = [], letters = []] = lines.map((texts) => texts.map((line) => JSON.parse(line)));
    const failures = letters.map((letter) => ({
      code: letter.saccade_code,
      reason: letter.saccade_reason,
      stage: letter.saccade_stage,
      attempts: letter.saccade_attempts,
    }));
    return { events: events.length, failures };
  }

  it('tries a scene again that is not opened in time, and then calls its source unreachable', async () => {
    const { url } = await serve(() => ({ ending: 'stall' }));
    const { failures } = await failuresOf([`${url}/scene-00000.tif`], { SACCADE_DEADLINE_SECONDS_OPEN: '0.2' });
    const reason = 'open took longer than 0.2 s';
    expect(failures).toEqual([{ code: 'source.unreachable', reason, stage: 'open', attempts: '2' }]);
  });

  it('does the same when the patches are late', async () => {
    // The second try knows header and overview already, and asks whether they are those of the file still.
    const opening = new Set<string | undefined>(['bytes=0-0']);
    const whole = await serve(({ headers }) => void opening.add(headers.range) as undefined);
    const inspect = spawnSaccade(['inspect', `${whole.url}/scene-00000.tif`], { SACCADE_MODEL: model, ...environment });
    expect(await inspect.ended()).toBe(0);
    const { url } = await serve(({ headers }) => (opening.has(headers.range) ? undefined : { ending: 'stall' }));
    const { failures } = await failuresOf([`${url}/scene-00000.tif`], { SACCADE_DEADLINE_SECONDS_FETCH: '0.2' });
    const reason = 'fetch took longer than 0.2 s';
    expect(failures).toEqual([{ code: 'source.unreachable', reason, stage: 'fetch', attempts: '2' }]);
  });

  it.each(['attend', 'look'])('does not try again what takes too long to compute: %s', async (stage) => {
    const { url } = await serve(() => undefined);
    const hasty = { [`SACCADE_DEADLINE_SECONDS_${stage.toUpperCase()}`]: '0.001', SACCADE_MODEL: 'models/harbour' };
    const { failures } = await failuresOf([`${url}/scene-00000.tif`], hasty);
    const reason = `${stage} took longer than 0.001 s`;
    expect(failures).toEqual([{ code: 'budget.exceeded', reason, stage, attempts: '1' }]);
  });

  it('bounds the time of a scene, all tries together', async () => {
    const { url } = await serve(() => ({ ending: 'stall' }));
    const { failures } = await failuresOf([`${url}/scene-00000.tif`], { SACCADE_BUDGET_SECONDS: '0.3' });
    const reason = 'the scene took longer than 0.3 s';
    expect(failures).toEqual([{ code: 'budget.exceeded', reason, stage: 'open', attempts: '1' }]);
  });

  it('bounds the requests of a scene', async () => {
    const { url, requests } = await serve(() => undefined);
    const { failures } = await failuresOf([`${url}/scene-00000.tif`], { SACCADE_BUDGET_REQUESTS: '2' });
    const reason = expect.stringMatching(/more than 2 requests; a scene may cost 256 MB in 2 requests$/);
    expect(failures).toEqual([{ code: 'budget.exceeded', reason, stage: expect.any(String), attempts: '1' }]);
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  it('lets go of the socket of a scene that is late', async () => {
    let gone = () => {};
    const closed = new Promise<void>((resolve) => (gone = resolve));
    const { url } = await serve((request) => {
      if (request.url !== '/scene-00000.tif') return closed.then(() => undefined); // or this one is late as well
      request.socket.once('close', gone);
      return { ending: 'stall' };
    });
    const scenes = [`${url}/scene-00000.tif`, `${url}/scene-00001.tif`];
    const { events, failures } = await failuresOf(scenes, {
      SACCADE_DEADLINE_SECONDS_OPEN: '5',
      SACCADE_RETRY_ATTEMPTS: '1',
    });
    expect([events, failures.map(({ code }) => code)]).toEqual([1, ['source.unreachable']]);
  });
});
