import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real brokers, real networks and real files: slow is not yet stuck.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Native TensorFlow lives once in a process, so each file has its own; two, since each computes on every core.
    pool: 'forks',
    maxWorkers: 2,
  },
});
