import { afterEach, describe, expect, it } from 'vitest';
import { describeAdapter, findAdapter } from '../../src/model/webgpu-adapter.ts';
import { parts, softwareVulkan } from '../setup/parts.ts';

describe('findAdapter', () => {
  const before = process.env['VK_ICD_FILENAMES'];
  afterEach(() => {
    if (before === undefined) delete process.env['VK_ICD_FILENAMES'];
    else process.env['VK_ICD_FILENAMES'] = before;
  });

  it.skipIf(!parts.webgpu)('names a driver that computes on the processor as such, needs webgpu', async () => {
    Object.assign(process.env, softwareVulkan);
    expect(await findAdapter()).toEqual({ name: expect.stringMatching(/SwiftShader/), software: true });
  });

  it('says why there is none, and what would bring one', async () => {
    process.env['VK_ICD_FILENAMES'] = '/nowhere.json';
    expect(await findAdapter()).toEqual({
      missing: expect.stringMatching(/^\S.*\S$/),
      fix: expect.stringMatching(/^(install|run) /),
    });
  });
});

describe('describeAdapter', () => {
  it('names the device and its driver, or the vendor where they are not known', () => {
    const card = {
      vendor: 'nvidia',
      device: 'nvidia-rtx-4090',
      description: 'NVIDIA 550.54',
      isFallbackAdapter: false,
    };
    expect(describeAdapter(card)).toEqual({ name: 'nvidia-rtx-4090 (NVIDIA 550.54)', software: false });
    expect(describeAdapter({ ...card, device: '', description: '' }).name).toBe('nvidia');
    expect(describeAdapter({ ...card, vendor: '', device: '', description: '' }).name).toBe('unknown');
  });
});
