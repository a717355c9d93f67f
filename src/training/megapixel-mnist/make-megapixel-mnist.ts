import type { Raster } from '../../scene.ts';
import { claimFolder, isLabelled, labelFolder } from '../dataset-folder.ts';
import { makeScenes, type ScenesMade, sceneFile } from '../make-scenes.ts';
import { writeCog } from '../write-cog.ts';
import { type MegapixelMnistScene, type MegapixelMnistSettings, megapixelMnist } from './megapixel-mnist.ts';
import { DIGIT_SIZE, type Digits } from './read-digits.ts';

/**
 * Makes Megapixel MNIST as files: scenes as lossless COGs of one band, `labels.csv` (`file,label`), `boxes.json` with the
 * place and class of every digit, and `dataset.json` with how they were made. Called again, what is there is kept.
 */
export type MegapixelMnistOrder = Omit<MegapixelMnistSettings, 'overview'> & {
  readonly directory: string;
  readonly scenes: number;
  /** `average`: overviews are averages by 2, 4, 8 and so on; `reference`: the one overview is the paper code's low view. */
  readonly view: View;
  readonly digits: Digits;
  readonly signal?: AbortSignal;
  /** Called with the number of scenes there are: at the start, and after each scene. */
  readonly onScene?: (done: number) => void;
};

export const views = ['average', 'reference'] as const;
export type View = (typeof views)[number];

/** Grows when the same order would give other scenes. */
const VERSION = 1;

/** Scenes under way at a time in this thread: while one is painted, tiles of others are packed and written. */
const LANES = 4;

const LABELS = 'labels.csv';

/** @throws {UsageError} when the directory holds another data set */
export async function makeMegapixelMnist(order: MegapixelMnistOrder): Promise<ScenesMade> {
  const { directory, scenes, digits, signal, onScene, ...settings } = order;
  const described = { name: 'megapixel-mnist', version: VERSION, ...settings, digits: { sha256: digits.sha256 } };
  await claimFolder(directory, described);
  const overview = settings.view === 'reference' ? 'reference' : { scale: 2 }; // averages are made by the writer
  const sceneOf = megapixelMnist(digits, { ...settings, overview });
  const write = (index: number, path: string) => writeScene(path, sceneOf(index), order);
  const writer = { lanes: LANES, write, close: async () => {} };
  const made = await makeScenes({ directory, scenes, signal, onScene, writer });
  if (!made.complete || (await isLabelled(directory, { scenes, file: LABELS }))) return made;
  const all = Array.from({ length: scenes }, (_, index) => sceneOf(index));
  await labelFolder(directory, described, { scenes, ...labelFiles(all) });
  return made;
}

async function writeScene(
  path: string,
  { width, height, paint, overview }: MegapixelMnistScene,
  { view, signal }: MegapixelMnistOrder,
): Promise<number> {
  const low = view === 'reference' && (await overview(signal ?? new AbortController().signal));
  return writeCog(path, {
    ...{ width, height, render: paint, encoding: { kind: 'grey-deflate' } },
    ...(low && { overview: wholeLevel(low) }),
    ...(signal && { signal }),
  });
}

function wholeLevel({ width, height, data }: Raster) {
  return { width, height, pixels: Uint8Array.from(data) };
}

function labelFiles(scenes: readonly MegapixelMnistScene[]) {
  const rows = scenes.map((scene, index) => `${sceneFile(index)},${scene.class}`);
  const boxes = scenes.map(({ plan }, index) => {
    const digits = plan.digits.map(({ label, x: left, y: top }) => {
      return { left, top, right: left + DIGIT_SIZE, bottom: top + DIGIT_SIZE, label: String(label) };
    });
    return `${JSON.stringify(sceneFile(index))}: ${JSON.stringify(digits)}`;
  });
  return {
    labels: { file: LABELS, text: ['file,label', ...rows, ''].join('\n') },
    more: [{ file: 'boxes.json', text: `{\n${boxes.join(',\n')}\n}\n` }],
  };
}
