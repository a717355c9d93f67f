import type { Window } from '../../scene.ts';
import { cropRaster } from '../../sources/rasters/crop-raster.ts';
import { claimFolder, isLabelled, labelFolder } from '../dataset-folder.ts';
import type { LabelledScene } from '../labels.ts';
import { makeScenes, type ScenesMade, sceneFile } from '../make-scenes.ts';
import { writeCog } from '../write-cog.ts';
import { isMade, labelMade, paint, type ReadLabels } from './made-scenes.ts';

/**
 * Makes road scenes as files, for people to look at: COGs of JPEG, `labels.csv`, `boxes.json` with the places of the signs
 * that a scene is labelled by, and `dataset.json`. Called again, what is there is kept.
 */
export type RoadSignsOrder = {
  readonly directory: string;
  /** As `labelMade` takes it: the very scenes that training is shown. */
  readonly reference: string;
  readonly readLabels: ReadLabels;
  readonly signal?: AbortSignal;
  /** Called with the number of scenes there are: at the start, and after each scene. */
  readonly onScene?: (done: number) => void;
};

/** Grows when the same order would give other scenes. */
const VERSION = 1;

const LANES = 2;
const LABELS = 'labels.csv';
const ENCODING = { kind: 'rgb-jpeg', quality: 95 } as const;

/** @throws {UsageError} when the directory holds another data set, or the reference makes no sense */
export async function makeRoadSigns({
  directory,
  reference,
  readLabels,
  ...reports
}: RoadSignsOrder): Promise<ScenesMade> {
  if (!isMade(reference)) throw new TypeError(`${reference} is no data set of road signs`);
  const { signal = new AbortController().signal, onScene } = reports;
  const labelled = await labelMade(reference, readLabels);
  const described = { name: 'road-signs', version: VERSION, reference };
  await claimFolder(directory, described);
  const write = async (index: number, path: string) => {
    const scene = await paint((labelled[index] as LabelledScene).path, signal);
    const { width, height } = scene;
    const render = (window: Window) => cropRaster(scene, window).data as Uint8Array; // as it was painted
    return writeCog(path, { width, height, render, encoding: ENCODING, signal });
  };
  const scenes = labelled.length;
  const writer = { lanes: LANES, write, close: async () => {} };
  const made = await makeScenes({ directory, scenes, signal, onScene, writer });
  if (!made.complete || (await isLabelled(directory, { scenes, file: LABELS }))) return made;
  await labelFolder(directory, described, { scenes, ...labelFiles(labelled) });
  return made;
}

function labelFiles(labelled: readonly LabelledScene[]) {
  const rows = labelled.map((scene, index) => `${sceneFile(index)},${scene.class}`);
  const boxes = labelled.map(({ class: label, boxes = [] }, index) => {
    const signs = boxes.map(({ x, y, width, height }) => ({
      left: x,
      top: y,
      right: x + width,
      bottom: y + height,
      label,
    }));
    return `${JSON.stringify(sceneFile(index))}: ${JSON.stringify(signs)}`;
  });
  return {
    labels: { file: LABELS, text: ['file,label', ...rows, ''].join('\n') },
    more: [{ file: 'boxes.json', text: `{\n${boxes.join(',\n')}\n}\n` }],
  };
}
