import { SceneError } from '../../errors.ts';
import { expectDecodable } from './decoders.ts';
import { type Layout, readLayout, type SampleType } from './layout.ts';
import type { ImageDirectory, OpenHeader } from './read-header.ts';
import type { TiffValues } from './tiff-values.ts';

/** NewSubfileType (TIFF tag 254): bit 0 marks a reduced resolution, bit 2 a transparency mask. */
const REDUCED = 1;
const MASK = 4;
const maskSamples: ReadonlySet<SampleType> = new Set(['u1', 'u8']);

/** The resolutions of a scene, finest first, and the values of the finest one's directory, which carries the georeference. */
export type SceneLevels = {
  readonly layouts: readonly Layout[];
  readonly finest: Layout;
  /** Where the directory of each level begins in the file. */
  readonly directories: readonly number[];
  readonly values: TiffValues;
  /** The transparency mask of each level, where it has one. */
  readonly masks: readonly (Layout | undefined)[];
};

/**
 * Which directories are resolutions of the scene: the first one, and the reduced ones of the same kind of pixels.
 * Masks, and the masks' overviews, are none, but go with the levels of their sizes; further pages are passed over.
 * @throws {SceneError} `cog.invalid` without an image, `cog.unsupported`
 */
export function sceneLevels({ images, littleEndian }: OpenHeader): SceneLevels {
  const [image] = images;
  if (!image) throw new SceneError('cog.invalid', 'there is no directory');
  // GDAL shows it all the same; what it is of is not to be told.
  if (kind(image) & (REDUCED | MASK))
    throw new SceneError('cog.invalid', 'the first directory is an overview or a mask');
  const finest = readLayout(image, littleEndian);
  const coarser = images
    .filter((image) => (kind(image) & (REDUCED | MASK)) === REDUCED)
    .filter(({ grid }) => grid.bands === finest.grid.bands)
    .filter(({ grid }) => grid.width < finest.grid.width || grid.height < finest.grid.height)
    .map((image) => ({ layout: readLayout(image, littleEndian), directory: image.values.offset }))
    .filter(({ layout }) => layout.samples === finest.samples)
    .sort((a, b) => b.layout.grid.width - a.layout.grid.width);
  const layouts = [finest, ...coarser.map(({ layout }) => layout)];
  const directories = [image.values.offset, ...coarser.map(({ directory }) => directory)];
  const masks = layouts.map((layout) => maskOf(layout, images, littleEndian));
  for (const layout of [...layouts, ...masks]) if (layout) expectDecodable(layout);
  return { layouts, finest, directories, values: image.values, masks };
}

/** A level and its mask are of one size. */
function maskOf({ grid }: Layout, images: readonly ImageDirectory[], littleEndian: boolean): Layout | undefined {
  const mask = images.find(
    (image) => kind(image) & MASK && image.grid.width === grid.width && image.grid.height === grid.height,
  );
  const layout = mask && readLayout(mask, littleEndian);
  if (layout && (layout.grid.bands !== 1 || !maskSamples.has(layout.samples)))
    throw new SceneError('cog.unsupported', `a mask of ${layout.grid.bands} bands of ${layout.samples}`);
  return layout;
}

function kind({ values }: ImageDirectory): number {
  return values.number('NewSubfileType') ?? 0;
}
