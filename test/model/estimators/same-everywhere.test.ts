import { deserialize, serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { DrawSettings } from '../../../src/model/estimators/draw.ts';
import { draw } from '../../../src/model/estimators/draw.ts';
import { estimatorNames } from '../../../src/model/estimators/estimator-name.ts';
import type { Backend } from '../../../src/model/model.ts';
import { randomKey, uniforms } from '../../../src/random.ts';
import { attentionMap } from '../../fakes/attention-map.ts';
import { parts } from '../../setup/parts.ts';

const next = uniforms(randomKey('everywhere'));
const attention = attentionMap(
  Array.from({ length: 37 * 29 }, () => next.next().value ** 8),
  37,
);
const asked: DrawSettings[] = estimatorNames.flatMap((estimator) =>
  [1, 7, 40].flatMap((patches) => [0, 1, 2].map((seed) => ({ estimator, patches, seed, key: ['a scene', 'a model'] }))),
);
const expected = asked.map((settings) => JSON.stringify(draw(attention, settings)));

/** Draws in threads of their own, in each of which the backend is at work: every thread takes the next that is left. */
async function drawIn(threads: number, backend: Backend): Promise<string[]> {
  const drawn: string[] = [];
  const workers: Worker[] = [];
  const lanes = Array.from({ length: threads }, (_, lane) =>
    asked.map((_, i) => i).filter((i) => i % threads === lane),
  );
  await Promise.all(
    lanes.map(
      (lane) =>
        new Promise<void>((resolve, reject) => {
          const work = { attention, backend, asked: lane.toReversed().map((i) => asked[i]), dist };
          const worker = new Worker(WORKER, { eval: true, workerData: serialize(work) });
          workers.push(worker);
          worker.once('error', reject);
          worker.once('message', (found: Uint8Array) => {
            const draws: string[] = deserialize(found);
            draws.forEach((one, i) => {
              drawn[lane.toReversed()[i]!] = one;
            });
            resolve();
          });
        }),
    ),
  );
  // One after another: once, four threads of native TensorFlow that ended together took the process along.
  for (const worker of workers) await worker.terminate();
  return drawn;
}

/** Node 20 starts no thread from a .ts file: the compiled twins of the sources are taken. */
const dist = new URL('../../../dist/model/', import.meta.url).href;
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { deserialize, serialize } = require('node:v8');
  (async () => {
    const { attention, backend, asked, dist } = deserialize(workerData);
    const { useBackend } = await import(dist + 'backend.js');
    const { draw } = await import(dist + 'estimators/draw.js');
    await useBackend(backend);
    parentPort.postMessage(serialize(asked.map((settings) => JSON.stringify(draw(attention, settings)))));
  })();
`;

describe('draw', () => {
  it.each([
    ['cpu', 1],
    ['cpu', 2],
    ['cpu', 4],
    ['wasm', 1],
    ['wasm', 2],
    ['wasm', 4],
  ] as const)('is the same byte for byte beside %s, in %i threads and in any order', async (backend, threads) => {
    expect(await drawIn(threads, backend)).toEqual(expected);
  });

  it.skipIf(!parts.tensorflow).each([1, 2, 4])(
    'is the same beside native TensorFlow, in %i threads, needs tensorflow',
    async (threads) => {
      expect(await drawIn(threads, 'tensorflow')).toEqual(expected);
    },
  );
});
