/**
 * Says which device computes, and how fast (`npm run gpu-check`): the model and the backend of the settings in force, on
 * a black scene of 4096 × 4096 pixels, in this very thread. `-- --json` prints one JSON document instead.
 */
import { UsageError } from '../dist/errors.js';
import { loadConfig } from '../dist/load-config.js';
import { useBackend } from '../dist/model/backend.js';
import { device } from '../dist/model/device.js';
import { inference } from '../dist/model/inference.js';
import { loadNetworks } from '../dist/model/load-networks.js';
import { readManifest } from '../dist/model/read-manifest.js';
import { REHEARSED_OVERVIEW, rehearse } from '../dist/model/rehearse.js';

/** What is enough of either; a driver that computes on the CPU may need seconds for a scene. */
const WARM_UP = { scenes: 5, seconds: 5 };
const MEASURED = { scenes: 20, seconds: 20 };

process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

try {
  const found = await check();
  process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(found) : text(found)}\n`);
} catch (error) {
  const mistakes = error instanceof UsageError ? error.mistakes : [error instanceof Error ? error.message : error];
  for (const mistake of mistakes) process.stderr.write(`gpu-check: ${mistake}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function check() {
  const config = await loadConfig(process.env);
  const { manifest } = await readManifest(config.model);
  const backend = await useBackend(config.backend);
  const networks = inference(await loadNetworks(config.model, manifest), manifest);
  await time(() => rehearse(networks, manifest), WARM_UP);
  const milliseconds = await time(() => rehearse(networks, manifest), MEASURED);
  return {
    backend,
    device: await device(backend),
    model: `${manifest.name} ${manifest.version}`,
    overview: REHEARSED_OVERVIEW,
    patches: manifest.draw.patches,
    patchSize: manifest.patch.size,
    scenes: milliseconds.length,
    millisecondsPerScene: Number(median(milliseconds).toFixed(2)),
  };
}

/** Milliseconds of each of so many runs, of fewer once so much time is over. */
async function time(run, { scenes, seconds }) {
  const milliseconds = [];
  const from = performance.now();
  while (milliseconds.length < scenes && performance.now() - from < seconds * 1000) {
    const started = performance.now();
    await run();
    milliseconds.push(performance.now() - started);
  }
  return milliseconds;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

function text({ backend, device, model, overview, patches, patchSize, scenes, millisecondsPerScene }) {
  const { kind, name, build, gpuMemory } = device;
  const built = { cuda: ', built for CUDA', cpu: ', built for the CPU' }[build] ?? '';
  const gibibytes = (bytes) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const memory = gpuMemory ? `${gibibytes(gpuMemory.used)} of ${gibibytes(gpuMemory.total)} in use` : 'unknown';
  return [
    kind === 'gpu' ? `GPU: computed on ${name}` : `no GPU: computed on the CPU${whyNot(backend, build)}`,
    `  backend     ${backend}${built}`,
    `  device      ${name}`,
    `  per scene   ${millisecondsPerScene} ms (median of ${scenes}; ${model}: an overview of ${overview} × ${overview} pixels, ${patches} patches of ${patchSize} × ${patchSize})`,
    `  GPU memory  ${memory}`,
  ].join('\n');
}

function whyNot(backend, build) {
  if (build === 'cuda') return ' (TensorFlow was built for CUDA, but finds no GPU)';
  return backend === 'webgpu' ? ' (webgpu finds no driver of a GPU but one that computes on the CPU)' : '';
}
