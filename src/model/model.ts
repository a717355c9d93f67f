import type { AttentionMap, Raster, Window } from '../scene.ts';
import type { Device } from './device.ts';
import type { EstimatorName } from './estimators/estimator-name.ts';
import type { Manifest } from './manifest.ts';

/** A model at work. Rasters go in, plain numbers come out; no tensor ever leaves `src/model`. */
export type Model = {
  readonly manifest: Manifest;
  /** Of the manifest, which holds the networks' checksums: names the model exactly. */
  readonly sha256: string;
  readonly backend: Backend;
  readonly device: Pick<Device, 'kind' | 'name'>;
  /**
   * Where is it worth looking? One value per cell of the attention network's grid over the overview.
   * @throws {SceneError} `scene.unsuitable` when the overview is too small for the network, or has no data
   */
  attend(overview: Raster): Promise<AttentionMap>;
  /** What do the drawn places say? `patches[i]` is what was found at `draw.cells[i]`. */
  look(patches: readonly Raster[], draw: Draw): Promise<Verdict>;
  /** The square windows under drawn cells, in pixels of a level of the given size, shifted inwards at its borders. */
  windows(draw: Draw, level: Size, overview: Size): Window[];
  /** The part of an overview that the attention map covers, in pixels of the overview; cells divide it evenly. */
  field(overview: Size): Window;
  /** What the inference threads held when each finished its latest task. */
  usage(): Usage;
  close(): Promise<void>;
};

/** Tensors in memory; once a task is done only the networks' weights should be left. */
export type Usage = {
  readonly tensors: number;
  readonly tensorBytes: number;
  /** Undefined where the backend cannot tell. */
  readonly gpuBytes: number | undefined;
};

export type Size = { readonly width: number; readonly height: number };

/**
 * `tensorflow` is native TensorFlow (GPU or CPU), `webgpu` needs a driver of a GPU, `wasm` runs everywhere, `cpu` is plain
 * JavaScript and slow.
 */
export const backends = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type Backend = (typeof backends)[number];

/** Places drawn from an attention map, none twice, in an order that the estimator chose. */
export type Draw = {
  readonly estimator: EstimatorName;
  readonly seed: number;
  readonly cells: readonly DrawnCell[];
};

export type DrawnCell = {
  /** Index into the attention map: row · width + column. */
  readonly cell: number;
  readonly attention: number;
  /** cᵢ, what the place's attention is multiplied by in the estimate Σ cᵢ·aᵢ·fᵢ; 1 where the draw took it for certain. */
  readonly coefficient: number;
  /** How often it was drawn, where draws are independent; otherwise absent. */
  readonly times?: number;
};

/** What the networks say of a scene. */
export type Verdict = {
  /** [K] in the manifest's order of classes; sums to 1. */
  readonly probabilities: readonly number[];
  /** Of the largest probability, from the draw alone. */
  readonly standardError: number;
  /** [N] influence of each place on the log-odds of the answer. */
  readonly pulls: readonly number[];
};
