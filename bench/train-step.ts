/**
 * Steps of training the paper's networks for Megapixel MNIST, timed: batches of 16 scenes, ten places of 50 × 50 each.
 * Run by `npm run bench:train`, beside its twin bench/train_step.py; prints one line of JSON.
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { showOverviews } from '../src/model/attention.ts';
import { useBackend } from '../src/model/backend.ts';
import type { Networks } from '../src/model/inference.ts';
import { buildNetwork } from '../src/model/networks.ts';
import { windowStack } from '../src/model/window-stack.ts';
import { randomKey, uniform } from '../src/random.ts';
import type { Raster } from '../src/scene.ts';
import { cropRaster } from '../src/sources/rasters/crop-raster.ts';
import { attendBatch } from '../src/training/attend-batch.ts';
import { glance } from '../src/training/glance.ts';
import type { StoredScene } from '../src/training/scene-store.ts';
import { trainer } from '../src/training/trainer.ts';

const [BATCH, PLACES, CLASSES] = [16, 10, 10];
const [LOW, HIGH, PATCH] = [180, 1500, 50];
const settings = {
  bands: [{ name: 'grey', scale: 1 / 255, offset: 0 }],
  attention: { smoothing: 1e-5 },
  features: { normalise: true, position: false },
};

const { values } = parseArgs({ options: { steps: { type: 'string' }, 'warm-up': { type: 'string' } } });
const [steps, warmUp] = [Number(values.steps), Number(values['warm-up'])];

await useBackend('tensorflow');
const networks = paperNetworks();
const { step } = trainer(networks, {
  ...settings,
  clipNorm: 1,
  entropy: 1e-4,
});
const scenes = Array.from({ length: BATCH }, (_, index) => scene(index));
const labels = scenes.map((_, index) => index % CLASSES);
const look = {
  stack: windowStack(networks.attention),
  patch: PATCH,
  patches: PLACES,
  estimator: 'systematic' as const,
  seed: 1,
};

const milliseconds: number[] = [];
const cpuMilliseconds: number[] = [];
const losses: number[] = [];
for (let index = 0; index < warmUp + steps; index += 1) {
  const [start, used] = [performance.now(), process.cpuUsage()];
  losses.push(await takeStep(index));
  milliseconds.push(performance.now() - start);
  const { user, system } = process.cpuUsage(used);
  cpuMilliseconds.push((user + system) / 1000);
}
const parameters = Object.values(networks).reduce((sum, network) => sum + network.countParams(), 0);
const engine = `Saccade, TensorFlow ${Reflect.get(tf.backend(), 'binding')?.TF_Version ?? ''}`.trim();
console.log(
  JSON.stringify({
    engine,
    parameters,
    milliseconds: milliseconds.slice(warmUp),
    cpuMilliseconds: cpuMilliseconds.slice(warmUp),
    losses: [losses[0], losses.at(-1)],
  }),
);

async function takeStep(index: number): Promise<number> {
  const size = { width: LOW, height: LOW };
  const overviews = showOverviews(
    networks.attention,
    scenes.map(({ overview }) => overview),
    settings.bands,
  );
  const maps = await attendBatch(networks.attention, { shown: overviews, size }, settings);
  const glances = await Promise.all(maps.map((map, i) => glance(scenes[i] as StoredScene, map, [index, i], look)));
  const batch = {
    overviews,
    draws: glances.map(({ draw }) => draw),
    patches: glances.map(({ patches }) => patches),
    labels,
    weights: labels.map(() => 1),
  };
  const { loss } = step(batch, 1e-3);
  tf.dispose([overviews.samples, overviews.data]);
  return loss;
}

/** Noise: what the pixels show makes no step longer or shorter. */
function scene(index: number): StoredScene {
  const whole = noise(HIGH, 2 * index);
  return {
    overview: noise(LOW, 2 * index + 1),
    width: HIGH,
    height: HIGH,
    patches: async (windows) => windows.map((window) => cropRaster(whole, window)),
  };
}

function noise(side: number, seed: number): Raster {
  const key = randomKey('noise', seed);
  const row = Uint8Array.from({ length: 4099 }, (_, i) => uniform(key, i) * 256); // prime: rows of a raster differ
  const data = Uint8Array.from({ length: side * side }, (_, i) => row[i % row.length] as number);
  return { data, width: side, height: side, bands: 1 };
}

/** The networks of the paper's code: 737, 29,344 and 330 weights. */
function paperNetworks(): Networks {
  const same = (filters: number, activation: 'tanh' | 'linear') => ({
    conv: { filters, kernel: 3, padding: 'same' as const, activation },
  });
  const valid = (kernel: number) => ({ conv: { filters: 32, kernel } });
  const attention = [same(8, 'tanh'), same(8, 'tanh'), same(1, 'linear')];
  const feature = [valid(7), valid(3), valid(3), valid(3), { globalMaxPool: true as const }];
  const head = [{ dense: { units: CLASSES, activation: 'linear' as const } }];
  return {
    attention: buildNetwork('attention', [null, null, 1], attention, 1),
    feature: buildNetwork('feature', [PATCH, PATCH, 1], feature, 2),
    head: buildNetwork('head', [32], head, 3),
  };
}
