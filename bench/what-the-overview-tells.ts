/**
 * The point of the harbour data set, in one table: the same small CNN, shown the right place, tells the three vessels
 * apart at full resolution and cannot in the 1/16 overview, where it cannot even tell a vessel from a plain barge.
 *
 *     npm run saccade -- dataset harbour --out data/harbour/1024 --scenes 1600 --size 1024 --seed 12
 *     npm run bench:overview -- data/harbour/1024
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { useBackend } from '../src/model/backend.ts';
import type { Raster } from '../src/scene.ts';
import { openFile } from '../src/sources/open-file.ts';
import { trainCropClassifier } from '../src/training/baselines/crop-classifier.ts';
import type { LabelledRaster } from '../src/training/baselines/raster-classifier.ts';
import type { SceneLabel } from '../src/training/harbour/scene-label.ts';

const SIDE = 64;
const SCALE = 16;
const OVERVIEW_SIDE = 16;
const STEPS = 1200;
const VESSELS = ['container', 'tanker', 'ferry'];
const signal = new AbortController().signal;

type Point = { readonly x: number; readonly y: number };
type Views = { readonly [view in 'full' | 'overview' | 'vessel' | 'barge']: LabelledRaster };

const directory = process.argv[2] ?? 'data/harbour/1024';
const backend = await useBackend('auto');
const lines = (await readFile(join(directory, 'labels.jsonl'), 'utf8')).trim().split('\n');
const labels: SceneLabel[] = lines.map((line) => JSON.parse(line));
const views: Views[] = [];
for (const label of labels) {
  const [barge] = label.barges;
  if (label.vessel && barge) views.push(await viewsOf(label, label.vessel, barge));
}

const test = Math.floor(views.length / 4);
console.log(`${views.length} scenes with a vessel, ${test} of them held out; ${STEPS} steps; backend ${backend}`);
report('vessel classes, full-resolution crop', 3, (view) => [view.full]);
report('vessel classes, overview crop', 3, (view) => [view.overview]);
report('vessel or barge, overview crop', 2, (view) => [view.vessel, view.barge]);

function report(name: string, classes: number, crops: (view: Views) => LabelledRaster[]) {
  const [held, shown] = [views.slice(0, test).flatMap(crops), views.slice(test).flatMap(crops)];
  const classifier = trainCropClassifier(shown, { classes, steps: STEPS, seed: 1 });
  const accuracy = classifier.accuracy(held);
  const error = Math.sqrt((accuracy * (1 - accuracy)) / held.length);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(`${name}: ${percent(accuracy)} ± ${percent(error)} of ${held.length} (chance ${percent(1 / classes)})`);
}

async function viewsOf(label: SceneLabel, vessel: Point & { class: string }, barge: Point): Promise<Views> {
  const cog = await openFile(join(directory, label.file), signal);
  const coarse = cog.levels.findIndex(({ width }) => width === label.width / SCALE);
  const full = await crop(0, vessel, SIDE);
  const [seen, plain] = [
    await crop(coarse, scaled(vessel), OVERVIEW_SIDE),
    await crop(coarse, scaled(barge), OVERVIEW_SIDE),
  ];
  const kind = VESSELS.indexOf(vessel.class);
  return {
    full: { raster: full, label: kind },
    overview: { raster: await enlarged(seen), label: kind },
    vessel: { raster: await enlarged(seen), label: 0 },
    barge: { raster: await enlarged(plain), label: 1 },
  };

  async function crop(level: number, centre: Point, side: number): Promise<Raster> {
    const { width, height } = cog.levels[level]!;
    const start = (middle: number, pixels: number) =>
      Math.min(Math.max(Math.round(middle - side / 2), 0), pixels - side);
    const window = { x: start(centre.x, width), y: start(centre.y, height), width: side, height: side };
    return (await cog.read(level, [window], signal))[0]!;
  }
}

function scaled({ x, y }: Point): Point {
  return { x: x / SCALE, y: y / SCALE };
}

/** To the side of the full-resolution crop, so that it is the very same network that looks at both. */
async function enlarged({ data, width, height, bands }: Raster): Promise<Raster> {
  const raw = { width, height, channels: bands as 3 };
  const large = await sharp(data as Uint8Array, { raw })
    .resize(SIDE, SIDE, { kernel: 'nearest' })
    .raw()
    .toBuffer();
  return { data: Uint8Array.from(large), width: SIDE, height: SIDE, bands };
}
