import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/model/backend.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { smallModelDirectory } from '../fakes/small-model.ts';
import { parts, softwareVulkan } from '../setup/parts.ts';
import { violations } from '../setup/schemas.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

describe('webgpu where there is no GPU', () => {
  it('is one clear line and exit code 2 where it was asked for', async () => {
    const environment = { SACCADE_BACKEND: 'webgpu', VK_ICD_FILENAMES: '/nowhere.json' };
    const saccade = spawnSaccade(['classify', 'a.tif'], environment);
    expect([await saccade.ended(), saccade.stdout()]).toEqual([2, '']);
    expect(saccade.stderr()).toMatch(
      /^saccade: backend webgpu finds no GPU here \(.+\); (install|run) .+, or use wasm\n$/,
    );
  });
});

describe.skipIf(!parts.webgpu)('webgpu on a driver that computes on the processor, needs webgpu', () => {
  let folder: string;
  let scene: string;
  let small: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-webgpu-'));
    await makeHarbour({ directory: folder, scenes: 1, sizes: [1024], seed: 77 });
    scene = join(folder, 'scene-00000.tif');
    await useBackend('wasm');
    small = await smallModelDirectory();
  });
  afterAll(() => Promise.all([folder, small].map((directory) => rm(directory, { recursive: true }))));

  /** It is slow, and a machine may be busy with other tests. */
  const patience = { SACCADE_DEADLINE_SECONDS_ATTEND: '280', SACCADE_DEADLINE_SECONDS_LOOK: '280' };

  async function classify(backend: string) {
    const environment = { SACCADE_BACKEND: backend, ...softwareVulkan, ...patience };
    const saccade = spawnSaccade(['classify', '--json', scene], environment);
    expect([await saccade.ended(), saccade.stderr()]).toEqual([0, '']);
    return JSON.parse(saccade.stdout());
  }

  it('classifies a scene as wasm does: the same places, probabilities to 1e-3', async () => {
    const [event, expected] = [await classify('webgpu'), await classify('wasm')];
    expect(violations('classification-event', event)).toEqual([]);
    const [found, wanted] = [event.data.properties, expected.data.properties];
    expect(found.backend).toBe('webgpu');
    const places = ({ evidence }: typeof found) => evidence.map(({ x, y }: { x: number; y: number }) => [x, y]);
    expect(places(found)).toEqual(places(wanted));
    expect(Object.keys(found.probabilities)).toEqual(Object.keys(wanted.probabilities));
    for (const [label, p] of Object.entries<number>(found.probabilities)) {
      expect(Math.abs(p - wanted.probabilities[label])).toBeLessThanOrEqual(1e-3);
    }
  });

  it('is never told as a GPU: not by the log of the service, which warns, nor by a dry run', async () => {
    const environment = { SACCADE_BACKEND: 'webgpu', SACCADE_MODEL: small, ...softwareVulkan, ...patience };
    const messages = join(folder, 'none.jsonl');
    await writeFile(messages, '');
    const service = spawnSaccade(['run', '--input', messages], environment);
    expect(await service.ended()).toBe(0);
    const [running, warning] = service
      .stderr()
      .split('\n', 2)
      .map((line) => JSON.parse(line));
    const name = expect.stringMatching(/SwiftShader/);
    expect(running).toMatchObject({ backend: 'webgpu', device: { kind: 'cpu', name } });
    expect(warning).toMatchObject({ level: 40, device: name, msg: expect.stringMatching(/no GPU/) });
    const dry = spawnSaccade(['run', '--dry-run'], environment, 'open');
    expect(await dry.ended()).toBe(0);
    expect(dry.stdout()).toMatch(/^model .*, on webgpu: .*\ndevice +CPU: .*SwiftShader/m);
  });
});
