import * as tf from '@tensorflow/tfjs-layers';
import { z } from 'zod';

/**
 * Networks as an experiment describes them, one layer a line:
 *
 *     - conv: { filters: 16, kernel: 3, stride: 1, activation: relu }
 *     - maxPool: 2
 *     - globalMaxPool: true
 *     - dense: { units: 4 }
 *
 * Convolutions are unpadded: a padded attention network can tell the border of a scene from its middle, and locks onto it.
 */
const activation = z.enum(['linear', 'relu', 'tanh']).default('relu');
const count = z.number().int().min(1);

export const layerSchema = z.union([
  z.strictObject({ conv: z.strictObject({ filters: count, kernel: count, stride: count.default(1), activation }) }),
  z.strictObject({ maxPool: count }),
  z.strictObject({ globalMaxPool: z.literal(true) }),
  z.strictObject({ dense: z.strictObject({ units: count, activation }) }),
]);

export type LayerDescription = z.infer<typeof layerSchema>;

/** Builds a network with seeded initial weights; `input` is the shape of one sample, null where any size will do. */
export function buildNetwork(
  name: string,
  input: (number | null)[],
  descriptions: readonly LayerDescription[],
  seed: number,
): tf.LayersModel {
  const network = tf.sequential({ name });
  descriptions.forEach((description, index) => {
    const shape = index === 0 ? { inputShape: input } : {};
    network.add(layer(description, { ...shape, name: `${name}-${index}` }, seed + index));
  });
  return network;
}

function layer(description: LayerDescription, common: { name: string; inputShape?: (number | null)[] }, seed: number) {
  const kernelInitializer = tf.initializers.heNormal({ seed });
  if ('conv' in description) {
    const { filters, kernel, stride, activation } = description.conv;
    return tf.layers.conv2d({
      ...common,
      filters,
      kernelSize: kernel,
      strides: stride,
      padding: 'valid',
      activation,
      kernelInitializer,
    });
  }
  if ('maxPool' in description) {
    return tf.layers.maxPooling2d({
      ...common,
      poolSize: description.maxPool,
      strides: description.maxPool,
      padding: 'valid',
    });
  }
  if ('dense' in description) return tf.layers.dense({ ...common, ...description.dense, kernelInitializer });
  return tf.layers.globalMaxPooling2d({ ...common });
}
