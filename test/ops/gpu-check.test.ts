import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { smallModelDirectory } from '../fakes/small-model.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { parts, softwareVulkan } from '../setup/parts.ts';

/** NVIDIA's driver makes it. */
const hasGpu = existsSync('/dev/nvidia0') && parts.tensorflow;

/** Not called by its own name: tests whose name holds "gpu" may be left out. */
describe('the check of what computes', () => {
  let model: string;
  beforeAll(async () => {
    model = await untrainedHarbour();
  });
  afterAll(() => rm(model, { recursive: true, force: true }));

  async function check(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], SACCADE_MODEL: model, ...environment };
    const { stdout } = await promisify(execFile)(process.execPath, ['ops/gpu-check.mjs', ...args], { env });
    return stdout;
  }

  it('says plainly that there is no GPU where wasm computes, how fast that is, and that GPU memory is unknown', async () => {
    const lines = (await check({ SACCADE_BACKEND: 'wasm' })).trimEnd().split('\n');
    expect(lines).toEqual([
      'no GPU: computed on the CPU',
      '  backend     wasm',
      expect.stringMatching(/^ {2}device {6}\S/),
      expect.stringMatching(
        /^ {2}per scene {3}[\d.]+ ms \(median of \d+; untrained-harbour 0\.0\.1: an overview of 256/,
      ),
      '  GPU memory  unknown',
    ]);
  });

  it('prints one JSON document', async () => {
    expect(JSON.parse(await check({ SACCADE_BACKEND: 'wasm' }, '--json'))).toEqual({
      backend: 'wasm',
      device: { kind: 'cpu', name: expect.any(String), build: null, gpuMemory: null },
      model: 'untrained-harbour 0.0.1',
      overview: 256,
      patches: 4,
      patchSize: 48,
      scenes: expect.any(Number),
      millisecondsPerScene: expect.any(Number),
    });
  });

  it('refuses a backend that nobody knows with exit code 2', async () => {
    await expect(check({ SACCADE_BACKEND: 'abacus' })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^gpu-check: SACCADE_BACKEND/),
    });
  });

  describe.skipIf(!parts.tensorflow)('on native TensorFlow, needs tensorflow', () => {
    it('says what its library was built for', async () => {
      expect(await check({ SACCADE_BACKEND: 'tensorflow' })).toMatch(
        /^ {2}backend {5}tensorflow, built for (CUDA|the CPU)$/m,
      );
    });
  });

  describe.skipIf(!parts.webgpu)('on webgpu, needs webgpu', () => {
    it('says that the driver it found computes on the CPU, and which it is', async () => {
      const small = await smallModelDirectory();
      onTestFinished(() => rm(small, { recursive: true }));
      const environment = { SACCADE_BACKEND: 'webgpu', SACCADE_MODEL: small, ...softwareVulkan };
      const lines = (await check(environment)).split('\n');
      expect(lines.slice(0, 3)).toEqual([
        'no GPU: computed on the CPU (webgpu finds no driver of a GPU but one that computes on the CPU)',
        '  backend     webgpu',
        expect.stringMatching(/^ {2}device {6}.*SwiftShader/),
      ]);
    });
  });

  describe.skipIf(!hasGpu)('on a card, gpu', () => {
    it('names the card and its memory', async () => {
      const found = JSON.parse(await check({ SACCADE_BACKEND: 'tensorflow' }, '--json'));
      expect(found.device).toMatchObject({ kind: 'gpu', build: 'cuda', name: expect.stringMatching(/./) });
      expect(found.device.gpuMemory?.total).toBeGreaterThan(2 ** 30);
    });
  });
});
