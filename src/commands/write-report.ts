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
import { pictureNames } from './picture-name.ts';
import { type PageParts, type Picture, reportPage } from './report-page.ts';
import type { Trial } from './trial.ts';

/** Scenes with pictures in a report, and scenes that costs are measured on: the first of the data set. */
const [PICTURED, COSTED] = [8, 50];

type Written = {
  readonly report: EvaluationReport;
  /** Of each scene's attention map. */
  readonly cells: readonly number[];
  readonly signal: AbortSignal;
};

/**
 * Writes the page of an evaluation, `report.md` with its pictures, and `report.json`. Some scenes are looked at again for
 * it, first for their pictures, then with other numbers of places: what is known before that is written before.
 * @throws {Error} once the signal is aborted: what there is of the report
 */
export async function writeReport(directory: string, trial: Trial, written: Written): Promise<void> {
  const { report, signal } = written;
  const json = join(directory, 'report.json');
  await mkdir(join(directory, 'pictures'), { recursive: true });
  await writeFile(json, `${JSON.stringify(report)}\n`);
  const parts = await lookAgain(directory, trial, written).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    throw new Error(`stopped: ${json} tells how all ${report.scenes} scenes were judged, without costs and page`);
  });
  await writeFile(json, `${JSON.stringify({ ...report, costs: parts.costs })}\n`);
  await writeFile(join(directory, 'report.md'), reportPage(report, parts));
}

async function lookAgain(
  directory: string,
  { scenes, manifest, inference, glance }: Trial,
  { cells: all, signal }: Written,
): Promise<PageParts> {
  const store = sceneStore({ model: manifest, cacheBytes: 0, signal });
  const parts = { ...glance, store, inference, classes: manifest.classes, signal };
  const pictures: Picture[] = [];
  const nameOf = pictureNames();
  const onJudged = async (judged: Judged, seen: Seen) => {
    pictures.push(await picture(join(directory, 'pictures'), judged, { name: nameOf(judged.id), seen, glance }));
  };
  await validate(scenes.slice(0, PICTURED), { ...parts, onJudged });
  const cells = all.slice(0, COSTED);
  return { costs: await costByPlaces(scenes.slice(0, COSTED), cells, parts), cells, pictures };
}

type Shown = { readonly name: string; readonly seen: Seen; readonly glance: GlanceSettings };

async function picture(folder: string, judged: Judged, { name, seen, glance }: Shown): Promise<Picture> {
  const file = (kind: string) => `${name}-${kind}.png`;
  const patches = placePatches(await seen.scene.patches(seen.windows), seen.windows, seen.scene);
  await writeFile(join(folder, file('attention')), await drawSeen(seen, glance));
  await writeFile(join(folder, file('patches')), await patchStrip(patches, seen.pulls));
  const { id: scene, label, answer, probability } = judged;
  const link = (kind: string) => `pictures/${encodeURIComponent(file(kind))}`;
  return { scene, label, answer, probability, attention: link('attention'), patches: link('patches') };
}
