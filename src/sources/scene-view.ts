import { type DataType, dataTypeOf, rangeOf } from '../data-type.ts';
import { SceneError } from '../errors.ts';
import type { Raster, Window } from '../scene.ts';
import { chooseBands } from './choose-bands.ts';
import { chooseLevels, type SceneLevels, type Wanted } from './choose-levels.ts';
import type { Cog, Level } from './cog.ts';
import { averageDown } from './rasters/average-down.ts';
import { cropRaster } from './rasters/crop-raster.ts';
import { pickBands } from './rasters/pick-bands.ts';

/** What must be known of a file to show it to a model. */
export type Viewable = Pick<Cog, 'bands' | 'bandNames' | 'alpha' | 'levels' | 'read'>;

/** A scene as a model is shown it: an overview, and patches of the level that the model was trained at. */
export type SceneView<File extends Viewable = Cog> = {
  readonly cog: File;
  readonly levels: SceneLevels;
  /** Of the bands that the model has, in its order. */
  readonly overview: Raster;
  /** Patches of the level of the patches. */
  read(windows: readonly Window[], signal: AbortSignal): Promise<Raster[]>;
};

export type ViewSettings = Wanted & {
  /** The bands that the model needs. */
  readonly bands: readonly { readonly name: string }[];
  /** Of the samples that the model was trained on, where that is known. */
  readonly dataType?: DataType | undefined;
  /** What the scene's message says of the file's bands: of each all its names. */
  readonly bandNames?: readonly (readonly string[])[] | undefined;
  /** Look at the finest level, whatever its ground size. */
  readonly anyResolution: boolean;
  /** Decoded pixels that may be read for an overview, at a byte a sample. */
  readonly maxOverviewBytes: number;
};

/** @throws {SceneError} `scene.unsuitable`, with the numbers, and what reading throws */
export async function viewScene<File extends Viewable>(
  cog: File,
  settings: ViewSettings,
  signal: AbortSignal,
): Promise<SceneView<File>> {
  const names = cog.bandNames.map((known, band) => [...known, ...(settings.bandNames?.[band] ?? [])]);
  const bands = chooseBands({ names, alpha: cog.alpha }, settings.bands);
  const levels = chooseLevels(cog.levels, settings, settings);
  const read = await readWhole(cog, levels, settings.maxOverviewBytes, signal);
  const source = await pickBands(read, bands, signal);
  const overview = await averageDown(source, levels.factor, signal);
  expectRange(overview, settings.dataType); // far fewer pixels than the level that it is made from
  return {
    cog,
    levels,
    overview,
    async read(windows, reading) {
      // An overview that was made from the very level of the patches has brought them already.
      if (levels.overview === levels.patches) return windows.map((window) => cropRaster(source, window));
      const patches = await cog.read(levels.patches, windows, reading);
      return Promise.all(patches.map((patch) => pickBands(patch, bands, reading)));
    },
  };
}

/**
 * The same values may come in any type. Those that the type of the training scenes cannot hold are on another scale, of
 * which a network is sure of nonsense.
 */
function expectRange({ data, valid, bands }: Raster, trainedOn: DataType | undefined): void {
  const found = dataTypeOf(data);
  const range = trainedOn && rangeOf(trainedOn);
  if (range === undefined || found === trainedOn) return;
  const [least, most] = range;
  const odd = data.findIndex((value, i) => (value < least || value > most) && valid?.[Math.floor(i / bands)] !== 0);
  if (odd < 0) return;
  const told = `${found} with ${data[odd]}`;
  throw new SceneError(
    'scene.unsuitable',
    `the model was trained on ${least} to ${most} (${trainedOn}); the scene has ${told}`,
  );
}

/** The level that the overview is made from. */
async function readWhole(cog: Viewable, levels: SceneLevels, maxBytes: number, signal: AbortSignal): Promise<Raster> {
  const { width, height } = cog.levels[levels.overview] as Level; // an index into levels
  const bytes = width * height * cog.bands;
  if (bytes > maxBytes) {
    const wanted = `${width} × ${height} pixels of ${cog.bands} bands, ${bytes} bytes, to be averaged by ${levels.factor}`;
    throw new SceneError('scene.unsuitable', `no overview of use: ${wanted}; at most ${maxBytes} are read`);
  }
  const [raster] = await cog.read(levels.overview, [{ x: 0, y: 0, width, height }], signal);
  return raster as Raster; // one window, one raster
}
