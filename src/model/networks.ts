import * as tf from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { type Layer, type LayerDescription, layerSchema } from './layer-description.ts';
import { plainLayer } from './plain-layer.ts';
import { residualCrop } from './residual-crop.ts';

export type { LayerDescription } from './layer-description.ts';

/**
 * Builds a network from its description, with seeded initial weights; `input` is the shape of one sample, null where
 * any size will do.
 *
 * A network that is also told where its input lies (`position`, eq. 20) has a second input [N, 2], which joins what the
 * first layer gives that gives a plain list of numbers.
 * @throws {TypeError} when its layers do not go together
 */
export function buildNetwork(
  name: string,
  input: readonly (number | null)[],
  descriptions: readonly LayerDescription[],
  seed: number,
  { position = false }: { readonly position?: boolean } = {},
): tf.LayersModel {
  const image = tf.input({ shape: [...input], name: `${name}-input` });
  const place = position ? tf.input({ shape: [2], name: `${name}-position` }) : undefined;
  const add = adder(seed);
  let values = image;
  let unplaced = place;
  z.array(layerSchema)
    .parse(descriptions)
    .forEach((layer, index) => {
      values = add(values, layer, `${name}-${index}`);
      if (!unplaced || values.shape.length !== 2) return;
      values = apply(tf.layers.concatenate({ name: `${name}-placed` }), [values, unplaced]);
      unplaced = undefined;
    });
  if (unplaced) throw new TypeError(`${name}: no layer gives a plain list of numbers that the position could join`);
  return tf.model({ name, inputs: place ? [image, place] : image, outputs: values });
}

/** Every layer takes the next seed, whether it has weights or not. */
function adder(first: number) {
  let seed = first;
  const add = (below: tf.SymbolicTensor, layer: Layer, name: string): tf.SymbolicTensor => {
    if (!('residual' in layer)) return apply(plainLayer(layer, name, seed++), below);
    const chain = (from: tf.SymbolicTensor, kind: 'layers' | 'shortcut') =>
      layer.residual[kind].reduce((values, one, index) => add(values, one, `${name}-${kind}-${index}`), from);
    const beside = chain(below, 'layers');
    return apply(tf.layers.add({ name }), [beside, chain(cut(below, residualCrop(layer.residual), name), 'shortcut')]);
  };
  return add;
}

function cut(below: tf.SymbolicTensor, cells: number, name: string): tf.SymbolicTensor {
  if (cells === 0) return below;
  return apply(
    tf.layers.cropping2D({
      name: `${name}-cropped`,
      cropping: [
        [cells, cells],
        [cells, cells],
      ],
    }),
    below,
  );
}

/** Every layer of the language gives one tensor. */
function apply(layer: tf.layers.Layer, below: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor {
  return layer.apply(below) as tf.SymbolicTensor;
}
