/**
 * What it costs to look at a few places and at all of them: a model against Deep MIL with the model's own feature network
 * and head over all patches, streamed and at once. Time is from the file to the answer, the median of some passes;
 * memory is the most bytes of tensors at once, weights included.
 *
 *     npm run bench:against-mil -- data/harbour/test --model models/harbour --scenes 3
 *
 * How Deep MIL answers is not looked at here: its attention is untrained, which costs the same.
 */
import { parseArgs } from 'node:util';
import { useBackend } from '../src/model/backend.ts';
import { inference } from '../src/model/inference.ts';
import { loadNetworks } from '../src/model/load-networks.ts';
import { readManifest } from '../src/model/read-manifest.ts';
import { windowStack } from '../src/model/window-stack.ts';
import { deepMil } from '../src/training/baselines/deep-mil.ts';
import { judgeBaseline } from '../src/training/baselines/judge-baseline.ts';
import { milScorer } from '../src/training/baselines/mil-attention.ts';
import { patchGrid } from '../src/training/baselines/patch-grid.ts';
import { quantile } from '../src/training/evaluation.ts';
import { type LabelledScene, readLabels } from '../src/training/labels.ts';
import { sceneStore } from '../src/training/scene-store.ts';
import { tensorPeak } from '../src/training/tensor-peak.ts';
import { type Judged, validate } from '../src/training/validate.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'models/harbour' },
    scenes: { type: 'string', default: '3' },
    passes: { type: 'string', default: '5' },
    stride: { type: 'string' },
    'at-once': { type: 'string', default: '256' },
    'most-gigabytes': { type: 'string', default: '8' },
  },
});
type Judge = (scene: LabelledScene) => Promise<readonly Judged[]>;
type Cost = { seconds: number; bytes: number };

const { signal } = new AbortController();
const backend = await useBackend('auto');
const { manifest } = await readManifest(options.model);
const networks = await loadNetworks(options.model, manifest);
const { classes, bands, features, patch, draw } = manifest;
const store = sceneStore({ model: manifest, cacheBytes: 0, signal });
const stride = Number(options.stride ?? patch.size);
const partSize = Number(options['at-once']);
const scorer = milScorer(networks.feature.outputShape[1] as number, { hidden: 128, gated: true, seed: 1 });

const sampling: Judge = (scene) => {
  const glance = { stack: windowStack(networks.attention), patch: patch.size, ...draw, seed: 1 };
  return validate([scene], { ...glance, store, inference: inference(networks, manifest), classes, signal });
};
const mil = (patchesAtOnce: number): Judge => {
  const parts = { feature: networks.feature, scorer, head: networks.head };
  const baseline = deepMil(parts, { bands, features, patch: patch.size, stride, patchesAtOnce, clipNorm: 1 });
  return (scene) => judgeBaseline([scene], { baseline, store, classes, signal });
};

const scenes = (await readLabels(positionals[0] ?? 'data/harbour/test')).slice(0, Number(options.scenes));
console.log(
  `${scenes.length} scenes, ${options.passes} passes; ${manifest.name} ${manifest.version}, ${backend}; patches of ${patch.size} every ${stride} pixels\n`,
);
console.log('| scene | way | places | seconds | × ATS | tensors, MB | × ATS |');
console.log('|---|---|---|---|---|---|---|');
await warmUp();
for (const scene of scenes) await compare(scene);

/** Both ways, as often as is measured, on the first scene: V8 compiles what runs often, and the first scene would pay for it. */
async function warmUp(): Promise<void> {
  const [first] = scenes;
  if (first === undefined) return;
  for (const judge of [sampling, mil(partSize)])
    for (let pass = 0; pass < Number(options.passes); pass += 1) await judge(first);
}

async function compare(scene: LabelledScene): Promise<void> {
  const { width, height } = await store.load(scene.path);
  const all = patchGrid({ width, height }, { patch: patch.size, stride }).length;
  const ats = await cost(sampling, scene);
  const line = (way: string, places: number, { seconds, bytes }: Cost) =>
    console.log(
      `| ${width} × ${height} | ${way} | ${places} | ${seconds.toFixed(3)} | ${(seconds / ats.seconds).toFixed(1)} | ${(bytes / 1e6).toFixed(1)} | ${(bytes / ats.bytes).toFixed(1)} |`,
    );
  line(`ATS-${draw.patches}`, draw.patches, ats);
  const streamed = await cost(mil(partSize), scene);
  line(`Deep MIL, ${partSize} at once`, all, streamed);
  const expected = (streamed.bytes / Math.min(partSize, all)) * all;
  if (expected <= Number(options['most-gigabytes']) * 1e9)
    line('Deep MIL, all at once', all, await cost(mil(all), scene));
  else
    console.log(
      `| ${width} × ${height} | Deep MIL, all at once | ${all} | not run: about ${(expected / 1e9).toFixed(0)} GB | | | |`,
    );
}

/** Memory is looked at apart: it slows what it watches. */
async function cost(judge: Judge, scene: LabelledScene): Promise<Cost> {
  const { bytes } = await tensorPeak(() => judge(scene));
  const seconds: number[] = [];
  for (let pass = 0; pass < Number(options.passes); pass += 1)
    seconds.push((await judge(scene))[0]?.seconds ?? Number.NaN);
  return { seconds: quantile(seconds, 0.5), bytes };
}
