import { beforeAll, describe, expect, it } from 'vitest';
import { fastestBackend } from '../../src/model/fastest-backend.ts';
import { findAdapter } from '../../src/model/webgpu-adapter.ts';
import { parts, softwareVulkan } from '../setup/parts.ts';

describe('fastestBackend', () => {
  const offers = {
    startTensorflow: () => 'no library',
    mayHaveGpu: () => true,
    findAdapter: async () => ({ name: 'a card', software: false }),
  };

  it('is native TensorFlow where it starts, else webgpu on a GPU', async () => {
    expect(await fastestBackend({ ...offers, startTensorflow: () => undefined })).toBe('tensorflow');
    expect(await fastestBackend(offers)).toBe('webgpu');
  });

  it('is wasm where there is no adapter', async () => {
    expect(await fastestBackend({ ...offers, findAdapter: async () => ({ missing: 'all', fix: '' }) })).toBe('wasm');
  });

  it('is wasm where the system has no device file of a GPU, and asks no driver then', async () => {
    const findAdapter = () => Promise.reject(new Error('asked'));
    expect(await fastestBackend({ ...offers, mayHaveGpu: () => false, findAdapter })).toBe('wasm');
  });

  describe.skipIf(!parts.webgpu)('with a driver that computes on the processor, needs webgpu', () => {
    beforeAll(() => {
      Object.assign(process.env, softwareVulkan);
    });

    it('is wasm, which is faster there', async () => {
      expect(await findAdapter()).toMatchObject({ software: true });
      expect(await fastestBackend({ ...offers, findAdapter })).toBe('wasm');
    });
  });
});
