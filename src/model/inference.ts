import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { AttentionMap, Raster, Reach } from '../scene.ts';
import { attentionInUse } from './attention-in-use.ts';
import { type Conclusion, concluder } from './effects-of.ts';
import { estimators } from './estimators/estimators.ts';
import { type FeatureSettings, featuresOf } from './features-of.ts';
import { gridGeometry } from './geometry.ts';
import type { Manifest } from './manifest.ts';
import type { Draw, Verdict } from './model.ts';
import { takeValues } from './take-values.ts';
import { windowStack } from './window-stack.ts';

/** A model's three networks, loaded in this thread. */
export type Networks = { readonly attention: LayersModel; readonly feature: LayersModel; readonly head: LayersModel };

/** Runs a model's networks in this thread: rasters in, numbers out, no tensor left behind. */
export type Inference = {
  attend(overview: Raster): Promise<AttentionMap>;
  look(patches: readonly Raster[], draw: Draw): Promise<Verdict>;
};

/** Without the sizes of patch and overview nothing is known of how far apart places are. */
type ModelSettings = FeatureSettings & Pick<Manifest, 'attention'> & Partial<Pick<Manifest, 'patch' | 'overview'>>;

export function inference(networks: Networks, settings: ModelSettings): Inference {
  const conclusion = concluder(networks.head);
  return {
    async attend(overview) {
      const { values, width, height } = tf.tidy(() => attentionInUse(networks.attention, overview, settings));
      const reach = reachOf(networks.attention, overview, settings);
      return { values: await takeValues(values), width, height, ...(reach && { reach }) };
    },
    async look(patches, draw) {
      const asked = tf.tidy(() => {
        const features = featuresOf(networks.feature, patches, settings); //      [N, D]
        return conclusion.ask(features, draw);
      });
      return verdict(conclusion.tell(await Promise.all(asked.map(takeValues))), draw);
    },
  };
}

/** How far apart places must lie for their patches not to overlap. */
export function reachOf(
  network: LayersModel,
  overview: Pick<Raster, 'width' | 'height'>,
  settings: Partial<Pick<Manifest, 'patch' | 'overview'>>,
): Reach | undefined {
  const { patch, overview: { scale } = {} } = settings;
  if (patch === undefined || scale === undefined) return undefined;
  const { x, y } = gridGeometry(windowStack(network), overview);
  return { x: Math.ceil(patch.size / (x.stride * scale)), y: Math.ceil(patch.size / (y.stride * scale)) };
}

/**
 * What each place did to the answer. Pulls are the parts w̃ᵢ·(yᵢ − ȳ) of the log-odds about the mean, with weights that sum
 * to 1: what a little more weight on a place would do. From the same parts the estimator tells the variance that its draws
 * have, and the delta method the standard error of the probability.
 */
function verdict({ probabilities, effects }: Conclusion, { estimator, cells }: Draw): Verdict {
  const { form, variance } = estimators[estimator];
  const weights = cells.map((cell) => cell.coefficient * cell.attention);
  const pulls = pullsOf(weights, effects);
  const parts = form === 'normalised' ? pulls : weights.map((weight, i) => weight * (effects[i] as number));
  return {
    probabilities,
    pulls,
    standardError: standardErrorOf(Math.max(...probabilities), variance(cells, parts)),
  };
}

/** [N] w̃ᵢ·(yᵢ − ȳ), which sum to 0. */
function pullsOf(weights: readonly number[], effects: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = weights.reduce((sum, weight, i) => sum + weight * (effects[i] as number), 0) / total;
  return weights.map((weight, i) => (weight / total) * ((effects[i] as number) - mean));
}

/** Of a probability whose log-odds have the given variance. Nothing between 0 and 1 with mean p spreads further than √(p(1 − p)). */
function standardErrorOf(p: number, variance: number): number {
  const slope = p * (1 - p);
  return variance < 1 / slope ? slope * Math.sqrt(variance) : Math.sqrt(slope);
}
