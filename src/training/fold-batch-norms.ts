import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { type Layer, type LayerDescription, layerSchema, type PlainLayer } from '../model/layer-description.ts';
import { buildNetwork } from '../model/networks.ts';
import { BATCH_NORM_EPSILON } from '../model/plain-layer.ts';
import { scoped } from '../model/scope.ts';

/**
 * Takes batch norms out of a trained network, which answers the same without them. In use a batch norm is y = s·x + t
 * with s = γ/√(σ² + ε), t = β − s·μ of what training noted, and it goes into what gives x, where that is linear in its
 * weights:
 *
 * - a convolution or dense layer with `activation: linear`: its kernel times s, its bias times s plus t;
 * - a residual block whose layers and shortcut both end in one of these: s goes into both, t into the first. So all
 *   batch norms of a pre-activation network go whose shortcuts are convolutions.
 *
 * It stays what it is, a multiplication and an addition for each number, where x comes from anything else: the input, an
 * activation, a pool, or a residual block without layers in its shortcut (what came in is looked at by others, too).
 */
export function foldBatchNorms(
  network: LayersModel,
  descriptions: readonly LayerDescription[],
  options: { readonly position?: boolean } = {},
): LayersModel {
  const layers = z.array(layerSchema).parse(descriptions);
  const { name } = network;
  const input = network.inputs[0]?.shape.slice(1) ?? []; // a network has an input
  return scoped(() => {
    const weighted = layers.map((layer, index) => weigh(network, layer, `${name}-${index}`));
    const folded = foldNorms(weighted, scaled);
    const result = buildNetwork(name, input, folded.map(describe), 0, options);
    folded.forEach((found, index) => {
      giveWeights(result, found, `${name}-${index}`);
    });
    return result;
  });
}

/** Layers with the weights that training gave them, as tfjs has them: kernel before bias. */
type Plain = { readonly layer: PlainLayer; readonly weights: readonly tf.Tensor[] };
type Residual = { readonly layers: readonly Plain[]; readonly shortcut: readonly Plain[] };

/** With the batch norms inside a residual block folded already. */
function weigh(network: LayersModel, layer: Layer, name: string): Plain | Residual {
  const plain = (one: PlainLayer, of: string): Plain => ({ layer: one, weights: network.getLayer(of).getWeights() });
  if (!('residual' in layer)) return plain(layer, name);
  const chain = (kind: 'layers' | 'shortcut') =>
    foldNorms(
      layer.residual[kind].map((one, index) => plain(one, `${name}-${kind}-${index}`)),
      scaledPlain,
    );
  return { layers: chain('layers'), shortcut: chain('shortcut') };
}

function foldNorms<T extends Plain | Residual>(chain: readonly T[], scale: (below: T, norm: Affine) => T): T[] {
  const folded: T[] = [];
  for (const found of chain) {
    const [below, norm] = [folded.at(-1), affineOf(found)];
    if (norm && below && isLinear(below)) folded[folded.length - 1] = scale(below, norm);
    else folded.push(found);
  }
  return folded;
}

/** y = scale·x + shift, [channels] each. */
type Affine = { readonly scale: tf.Tensor; readonly shift?: tf.Tensor };

function affineOf(found: Plain | Residual): Affine | undefined {
  if (!('layer' in found) || !('batchNorm' in found.layer)) return undefined;
  const [gamma, beta, mean, variance] = found.weights as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]; // tfjs' order
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
  return { scale, shift: tf.sub(beta, tf.mul(mean, scale)) };
}

function isLinear(found: Plain | Residual | undefined): boolean {
  if (found === undefined) return false;
  if (!('layer' in found)) return isLinear(found.layers.at(-1)) && isLinear(found.shortcut.at(-1));
  if ('conv' in found.layer) return found.layer.conv.activation === 'linear';
  return 'dense' in found.layer && found.layer.dense.activation === 'linear';
}

function scaled(found: Plain | Residual, { scale, shift }: Affine): Plain | Residual {
  if ('layer' in found) return scaledPlain(found, { scale, ...(shift && { shift }) });
  const lastScaled = (chain: readonly Plain[], norm: Affine) =>
    chain.map((one, index) => (index === chain.length - 1 ? scaledPlain(one, norm) : one));
  return {
    layers: lastScaled(found.layers, { scale, ...(shift && { shift }) }),
    shortcut: lastScaled(found.shortcut, { scale }),
  };
}

function scaledPlain({ layer, weights }: Plain, { scale, shift }: Affine): Plain {
  const [kernel, bias] = weights.map((weight) => tf.mul(weight, scale)); // channels are the last axis of both
  const moved = shift && bias ? tf.add(bias, shift) : (shift ?? bias);
  return { layer: withBias(layer, moved !== undefined), weights: [kernel, moved].filter((one) => one !== undefined) };
}

function withBias(layer: PlainLayer, bias: boolean): PlainLayer {
  if ('conv' in layer) return { conv: { ...layer.conv, bias } };
  return 'dense' in layer ? { dense: { ...layer.dense, bias } } : layer;
}

function describe(found: Plain | Residual): LayerDescription {
  if ('layer' in found) return found.layer;
  const plain = (chain: readonly Plain[]) => chain.map(({ layer }) => layer);
  return { residual: { layers: plain(found.layers), shortcut: plain(found.shortcut) } };
}

function giveWeights(network: LayersModel, found: Plain | Residual, name: string): void {
  if ('layer' in found) {
    network.getLayer(name).setWeights([...found.weights]);
    return;
  }
  for (const kind of ['layers', 'shortcut'] as const) {
    found[kind].forEach((one, index) => {
      giveWeights(network, one, `${name}-${kind}-${index}`);
    });
  }
}
