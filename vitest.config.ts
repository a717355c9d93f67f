import { defineConfig } from 'vitest/config';

/** What needs a broker or GDAL, runs the program for minutes, simulates thousands of scenes or a GPU, or tries the set-up itself. */
const slow = [
  'test/end-to-end/!(classify|missing-backend).test.ts',
  'test/ops/**/*.test.ts',
  'test/setup/**/*.test.ts',
  'test/sinks/kafka-outcomes.test.ts',
  'test/sinks/kafka-retention.test.ts',
  'test/sinks/kafka-topic-sender.test.ts',
  'test/sinks/kafka-transactions.test.ts',
  'test/sources/messages/kafka/partition-ends.test.ts',
  'test/sources/messages/kafka/codecs.test.ts',
  'test/sources/messages/kafka/coordinator-killed.test.ts',
  'test/sources/messages/kafka/kafka-messages.test.ts',
  'test/sources/messages/kafka/rolling-restarts.test.ts',
  'test/**/*gdal*.test.ts',
  'test/sources/tiff/mutated-headers.test.ts',
  'test/model/estimators/*study.test.ts',
  'test/model/webgpu.test.ts',
];

export default defineConfig({
  test: {
    // Real brokers, real networks and real files: slow is not yet stuck.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Native TensorFlow lives once in a process, so each file has its own; two, since each computes on every core.
    pool: 'forks',
    maxWorkers: 2,
    // `npm run test:fast` is the one, `npm test` is both; a new test is in the fast part unless it is named above.
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: slow } },
      { extends: true, test: { name: 'slow', include: slow } },
    ],
  },
});
