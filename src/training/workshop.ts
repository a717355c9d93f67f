import { type ShownOverviews, showOverviews } from '../model/attention.ts';
import { type Inference, inference, type Networks } from '../model/inference.ts';
import { buildNetwork } from '../model/networks.ts';
import { windowStack } from '../model/window-stack.ts';
import type { AttentionMap, Raster } from '../scene.ts';
import { attendBatch } from './attend-batch.ts';
import { expectFit } from './expect-fit.ts';
import type { Experiment } from './experiment.ts';
import type { GlanceSettings } from './glance.ts';
import { type SceneStore, sceneStore } from './scene-store.ts';
import { type Trainer, type TrainerSettings, trainer } from './trainer.ts';

/** What a training run works with, made once: networks with their first weights, and all that moves or feeds them. */
export type Workshop = {
  readonly networks: Networks;
  /** As in use. */
  readonly inference: Inference;
  /** Overviews of one size as a step computes with them; who has them shown disposes of them. */
  readonly show: (overviews: readonly Raster[]) => ShownOverviews;
  readonly attend: (shown: ShownOverviews, size: Pick<Raster, 'width' | 'height'>) => Promise<AttentionMap[]>;
  readonly trainer: Trainer;
  readonly store: SceneStore;
  readonly glance: GlanceSettings;
};

/** @throws {UsageError} when the networks do not fit the experiment or each other */
export function openWorkshop(
  { model, training }: Experiment,
  { signal, estimate }: Pick<TrainerSettings, 'estimate'> & { readonly signal: AbortSignal },
): Workshop {
  const networks = firstNetworks({ model, training });
  expectFit(networks, model);
  return {
    networks,
    inference: inference(networks, model),
    show: (overviews) => showOverviews(networks.attention, overviews, model.bands),
    attend: (shown, size) => attendBatch(networks.attention, { shown, size }, model),
    trainer: trainer(networks, {
      ...model,
      clipNorm: training.clipNorm,
      entropy: training.entropy,
      estimate,
    }),
    store: sceneStore({ model, cacheBytes: training.cacheMegabytes * 1e6, signal }),
    glance: {
      stack: windowStack(networks.attention),
      patch: model.patch.size,
      patches: model.patches,
      estimator: training.estimator,
      seed: training.seed,
    },
  };
}

function firstNetworks({ model, training: { seed } }: Experiment): Networks {
  const { bands, features, networks, patch } = model;
  const attention = buildNetwork('attention', [null, null, bands.length], networks.attention, seed);
  const shape = [patch.size, patch.size, bands.length];
  const feature = buildNetwork('feature', shape, networks.feature, seed + 100, features);
  const width = feature.outputShape[1] as number; // [null, D]: the head takes one feature
  return { attention, feature, head: buildNetwork('head', [width], networks.head, seed + 200) };
}
