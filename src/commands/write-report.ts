import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { placePatches } from '../place-patches.ts';
import { patchStrip } from '../sinks/patch-strip.ts';
import type { GlanceSettings } from '../training/glance.ts';
import { sceneStore } from '../training/scene-store.ts';
import { type Judged, type Seen, validate } from '../training/validate.ts';
import { costByPlaces } from './cost-by-places.ts';
import { drawSeen } from './draw-seen.ts';
import type { EvaluationReport } from './evaluation-text.ts';
import { pictureName } from './picture-name.ts';
import { type Picture, reportPage } from './report-page.ts';
import type { Trial } from './trial.ts';

/** Scenes with pictures in a report, and scenes that costs are measured on: the first of the data set. */
const [PICTURED, COSTED] = [8, 50];

type Written = { readonly report: EvaluationReport; readonly signal: AbortSignal };

/**
 * Writes the page of an evaluation, `report.md` with its pictures, and `report.json`. Some scenes are looked at again for
 * it: first for their pictures, then with other numbers of places.
 */
export async function writeReport(directory: string, trial: Trial, { report, signal }: Written): Promise<void> {
  await mkdir(join(directory, 'pictures'), { recursive: true });
  const { scenes, manifest, inference, glance } = trial;
  const store = sceneStore({ model: manifest, cacheBytes: 0, signal });
  const parts = { ...glance, store, inference, classes: manifest.classes, signal };
  const pictures: Picture[] = [];
  let cells = 0;
  const onJudged = async (judged: Judged, seen: Seen) => {
    if (pictures.length === 0) cells = seen.attention.values.length;
    pictures.push(await picture(directory, judged, { seen, glance }));
  };
  await validate(scenes.slice(0, PICTURED), { ...parts, onJudged });
  const costs = await costByPlaces(scenes.slice(0, COSTED), cells, parts);
  await writeFile(join(directory, 'report.json'), `${JSON.stringify({ ...report, costs })}\n`);
  await writeFile(join(directory, 'report.md'), reportPage(report, { costs, cells, pictures }));
}

type Shown = { readonly seen: Seen; readonly glance: GlanceSettings };

async function picture(directory: string, judged: Judged, { seen, glance }: Shown): Promise<Picture> {
  const name = (kind: string) => `${pictureName(judged.id)}-${kind}.png`;
  const patches = placePatches(await seen.scene.patches(seen.windows), seen.windows, seen.scene);
  await writeFile(join(directory, 'pictures', name('attention')), await drawSeen(seen, glance));
  await writeFile(join(directory, 'pictures', name('patches')), await patchStrip(patches, seen.pulls));
  const { id: scene, label, answer, probability } = judged;
  const link = (kind: string) => `pictures/${encodeURIComponent(name(kind))}`;
  return { scene, label, answer, probability, attention: link('attention'), patches: link('patches') };
}
