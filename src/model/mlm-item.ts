import { posix } from 'node:path';
import { version_core } from '@tensorflow/tfjs-core';
import type { CheckedModel } from './check-model.ts';
import type { Manifest } from './manifest.ts';

/**
 * Describes a model for a catalogue: a STAC 1.1 Item of the Machine Learning Model extension, 1.4. The three networks
 * are its assets, with their checksums; together with the manifest, an asset as well, they are the model.
 * `test/fixtures/mlm-item.schema.json` lists the fields as we read the specification.
 */
export type MlmItem = ReturnType<typeof mlmItem>;

const EXTENSIONS = [
  'https://stac-extensions.github.io/mlm/v1.4.0/schema.json',
  'https://stac-extensions.github.io/file/v2.1.0/schema.json',
  'https://stac-extensions.github.io/version/v1.2.0/schema.json',
];

/** A model is of no one time: from and to the ends of the calendar, as the extension's examples have it. */
const ALWAYS = { start_datetime: '1900-01-01T00:00:00Z', end_datetime: '9999-12-31T23:59:59Z' };

/** @param folder the model directory as seen from the item, for the assets' addresses */
export function mlmItem(model: CheckedModel, folder: string) {
  const { manifest } = model;
  return {
    type: 'Feature' as const,
    stac_version: '1.1.0',
    stac_extensions: EXTENSIONS,
    id: `${manifest.name}-${manifest.version}`,
    geometry: null,
    properties: {
      title: manifest.name,
      description: manifest.description || manifest.name,
      version: manifest.version,
      datetime: null,
      ...ALWAYS,
      ...(manifest.metresPerPixel !== null && { gsd: manifest.metresPerPixel }),
      bands: bandsOf(manifest),
      ...modelFields(model),
      'mlm:input': inputs(manifest),
      'mlm:output': [output(manifest)],
    },
    links: [],
    assets: assets(model, folder),
  };
}

/** The extension looks for them in the item's properties, where STAC 1.1 allows them only if assets have some, too. */
function bandsOf({ bands }: Manifest) {
  return bands.map(({ name }) => ({ name }));
}

function modelFields({ manifest, networks }: CheckedModel) {
  const { draw, attention, overview, patch, training, features } = manifest;
  const { error } = training.validation;
  return {
    'mlm:name': mlmName(manifest.name),
    'mlm:architecture': 'attention sampling (Katharopoulos and Fleuret, ICML 2019)',
    'mlm:tasks': ['scene-classification'],
    'mlm:framework': 'TensorFlow.js',
    'mlm:framework_version': version_core,
    'mlm:total_parameters': networks.attention.weights + networks.feature.weights + networks.head.weights,
    'mlm:pretrained': true,
    'mlm:pretrained_source': `${training.dataset.name}: ${training.dataset.scenes} scenes`,
    'mlm:accelerator': null,
    'mlm:accelerator_constrained': false,
    'mlm:hyperparameters': {
      ...{
        estimator: draw.estimator,
        ...(draw.estimator !== 'all' && { patches: draw.patches }), // all places, however many there are
        smoothing: attention.smoothing,
        mirrored: attention.mirrored ?? false,
        magnification: attention.magnification ?? 1,
        normalise: features.normalise,
      },
      ...{ overview_scale: overview.scale, patch_size: patch.size, seed: training.seed, steps: training.steps },
      ...{ validation_scenes: training.validation.scenes, validation_error: error },
    },
  };
}

/** The extension wants three characters, a letter first and no hyphen last. */
function mlmName(name: string): string {
  const plain = name.replace(/-+$/, '');
  return /^[a-z][a-z0-9-]+[a-z0-9]$/.test(plain) ? plain : `model-${plain}`;
}

const DIMENSIONS = ['batch', 'height', 'width', 'channel'];

function inputs({ bands, overview, patch, features }: Manifest) {
  const raster = {
    bands: bands.map(({ name }) => name),
    // sample · scale + offset, in the words of the extension: (sample - mean) / stddev, one for each band.
    value_scaling: bands.map(({ scale, offset }) => ({ type: 'z-score', mean: -offset / scale, stddev: 1 / scale })),
    ...corrected(bands),
    resize_type: null,
  };
  const shaped = (height: number, width: number) => ({
    shape: [-1, height, width, bands.length],
    dim_order: DIMENSIONS,
    data_type: 'float32',
  });
  const position = {
    name: 'position',
    description: "The centre of each patch, as shares of the scene's width and height",
    bands: [],
    input: { shape: [-1, 2], dim_order: ['batch', 'axis'], data_type: 'float32' },
  };
  const { scale, resampling } = overview;
  const made =
    resampling === 'average' ? `each pixel the mean of ${scale} × ${scale}` : `stored ${scale} times coarser`;
  return [
    {
      name: 'overview',
      description: `The whole scene for the attention network, ${made}`,
      ...raster,
      input: shaped(-1, -1),
    },
    {
      name: 'patches',
      description: `Full-resolution squares for the feature network, at the places drawn by attention`,
      ...raster,
      input: shaped(patch.size, patch.size),
    },
    ...(features.position ? [position] : []),
  ];
}

/** What comes before the scaling, for readers: the extension has no word for it. */
function corrected(bands: Manifest['bands']) {
  const told = bands.flatMap(({ name, gamma }) =>
    gamma ? [`${name} = ${gamma.white} * (${name} / ${gamma.white}) ** ${gamma.exponent}`] : [],
  );
  if (told.length === 0) return {};
  return { pre_processing_function: { format: 'python', expression: told.join('; ') } };
}

function output({ classes }: Manifest) {
  return {
    name: 'class',
    tasks: ['scene-classification'],
    description: 'Logits of the classes; a softmax gives their probabilities',
    result: { shape: [-1, classes.length], dim_order: ['batch', 'class'], data_type: 'float32' },
    'classification:classes': classes.map((name, value) => ({
      value,
      name: name.replaceAll(/[^0-9A-Za-z_-]/g, '-'),
      description: name,
    })),
  };
}

/** A SHA-256 as the file extension wants it: a multihash, which tells its kind and length first. */
const MULTIHASH_SHA256 = '1220';

function assets({ manifest, sha256 }: CheckedModel, folder: string) {
  const { attention, feature, head } = manifest.networks;
  const asset = (title: string, file: { readonly path: string; readonly sha256: string }, artifact: string) => ({
    href: addressOf(posix.join(folder.replaceAll('\\', '/'), file.path)),
    title,
    type: 'application/json',
    roles: ['mlm:model'],
    'mlm:artifact_type': artifact,
    'file:checksum': `${MULTIHASH_SHA256}${file.sha256}`,
  });
  const bands = bandsOf(manifest);
  return {
    manifest: asset('How the networks are used', { path: 'model.json', sha256 }, 'saccade-manifest'),
    attention: { ...asset('Attention network', attention, 'tfjs-layers'), bands },
    feature: { ...asset('Feature network', feature, 'tfjs-layers'), bands },
    head: asset('Head', head, 'tfjs-layers'),
  };
}

/** A path as an address of its own: folders may be named what means something else in one. */
function addressOf(path: string): string {
  const address = path.split('/').map(encodeURIComponent).join('/');
  return address.replace(/^(?![./])/, './');
}
