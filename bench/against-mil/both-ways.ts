/**
 * Looks at each scene by a model's few places and by Deep MIL over all its patches, in turn, in this process, which is
 * begun with the number of TensorFlow's threads that is asked about, and tells its parent of each.
 */
import { useBackend } from '../../src/model/backend.ts';
import { inference } from '../../src/model/inference.ts';
import { loadNetworks } from '../../src/model/load-networks.ts';
import { readManifest } from '../../src/model/read-manifest.ts';
import { windowStack } from '../../src/model/window-stack.ts';
import { deepMil } from '../../src/training/baselines/deep-mil.ts';
import { judgeBaseline } from '../../src/training/baselines/judge-baseline.ts';
import { milScorer } from '../../src/training/baselines/mil-attention.ts';
import { patchGrid } from '../../src/training/baselines/patch-grid.ts';
import { quantile } from '../../src/training/evaluation.ts';
import { type LabelledScene, readLabels } from '../../src/training/labels.ts';
import { sceneStore } from '../../src/training/scene-store.ts';
import { tensorPeak } from '../../src/training/tensor-peak.ts';
import { type Judged, validate } from '../../src/training/validate.ts';

export type Asked = {
  readonly data: string;
  readonly model: string;
  readonly scenes: number;
  readonly passes: number;
  /** Pixels between patches of Deep MIL; none: they lie side by side. */
  readonly stride?: number;
  readonly atOnce: number;
  readonly mostBytes: number;
};

/** One way through one scene: the median of the passes, and the most bytes of tensors at once, weights included. */
export type Way = { readonly way: string; readonly places: number; readonly seconds: number; readonly bytes: number };

/** ATS first. A way that would take too many bytes is not gone, and what it would take is told. */
export type Seen = {
  readonly scene: string;
  readonly about: string;
  readonly ways: readonly Way[];
  readonly notRun?: { readonly way: string; readonly places: number; readonly bytes: number };
};

type Judge = (scene: LabelledScene) => Promise<readonly Judged[]>;
type Path = { readonly way: string; readonly places: number; readonly judge: Judge };

/** How often the few places are looked at in one pass: for about as long as the many of a scene of 1500². */
const MOMENTS = 20;

const asked = JSON.parse(process.argv[2] as string) as Asked;
const { signal } = new AbortController();
const backend = await useBackend('auto');
const { manifest } = await readManifest(asked.model);
const networks = await loadNetworks(asked.model, manifest);
const { classes, bands, features, patch, draw } = manifest;
const store = sceneStore({ model: manifest, cacheBytes: 0, signal });
const stride = asked.stride ?? patch.size;
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

const scenes = (await readLabels(asked.data)).slice(0, asked.scenes);
await warmUp();
for (const scene of scenes) process.send?.(await seen(scene));
process.disconnect?.();

/** Both ways, as often as is measured, on the first scene: V8 compiles what runs often, and the first scene would pay for it. */
async function warmUp(): Promise<void> {
  const [first] = scenes;
  if (first === undefined) return;
  for (const judge of [sampling, mil(asked.atOnce)])
    for (let pass = 0; pass < asked.passes; pass += 1) await judge(first);
}

async function seen(scene: LabelledScene): Promise<Seen> {
  const { width, height } = await store.load(scene.path);
  const all = patchGrid({ width, height }, { patch: patch.size, stride }).length;
  const few = await held({ way: `ATS-${draw.patches}`, places: draw.patches, judge: sampling }, scene);
  const inParts = await held(
    { way: `Deep MIL, ${asked.atOnce} at once`, places: all, judge: mil(asked.atOnce) },
    scene,
  );
  const whole = { way: 'Deep MIL, all at once', places: all };
  const expected = (inParts.bytes / Math.min(asked.atOnce, all)) * all;
  const about = `${manifest.name} ${manifest.version}, ${backend}; patches of ${patch.size} every ${stride} pixels`;
  const told = { scene: `${width} × ${height}`, about };
  if (expected > asked.mostBytes)
    return { ...told, ways: await timed([few, inParts], scene), notRun: { ...whole, bytes: expected } };
  return { ...told, ways: await timed([few, inParts, await held({ ...whole, judge: mil(all) }, scene)], scene) };
}

/** Memory is looked at apart: it slows what it watches. */
async function held(path: Path, scene: LabelledScene): Promise<Path & { readonly bytes: number }> {
  return { ...path, bytes: (await tensorPeak(() => path.judge(scene))).bytes };
}

/** All in turn, pass by pass, so that what else the machine does comes to all of them. */
async function timed(paths: readonly (Path & { readonly bytes: number })[], scene: LabelledScene): Promise<Way[]> {
  const seconds: number[][] = paths.map(() => []);
  for (let pass = 0; pass < asked.passes; pass += 1)
    for (const [index, { judge }] of paths.entries())
      for (let time = 0; time < (index === 0 ? MOMENTS : 1); time += 1)
        seconds[index]?.push((await judge(scene))[0]?.seconds ?? Number.NaN);
  return paths.map(({ way, places, bytes }, index) => ({
    way,
    places,
    bytes,
    seconds: quantile(seconds[index] ?? [], 0.5),
  }));
}
