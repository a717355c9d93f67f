import * as tf from '@tensorflow/tfjs-layers';
import type { PlainLayer } from './layer-description.ts';

/** Added to variances, so that none is 0. */
export const BATCH_NORM_EPSILON = 1e-3;

/** The tfjs layer of a description, with seeded initial weights. Only standard layers: any tfjs can load what we save. */
export function plainLayer(description: PlainLayer, name: string, seed: number): tf.layers.Layer {
  if ('conv' in description) return convolution(description.conv, name, seed);
  if ('dense' in description) {
    const { units, ...settings } = description.dense;
    return tf.layers.dense({ name, units, ...weights(settings, seed) });
  }
  if ('maxPool' in description) return tf.layers.maxPooling2d({ name, ...pool(description.maxPool) });
  if ('averagePool' in description) return tf.layers.averagePooling2d({ name, ...pool(description.averagePool) });
  if ('batchNorm' in description) {
    return tf.layers.batchNormalization({ name, epsilon: BATCH_NORM_EPSILON, ...description.batchNorm });
  }
  if ('activation' in description) return tf.layers.activation({ name, activation: description.activation });
  if ('flatten' in description) return tf.layers.flatten({ name });
  if ('globalMaxPool' in description) return tf.layers.globalMaxPooling2d({ name });
  return tf.layers.globalAveragePooling2d({ name });
}

type Convolution = Extract<PlainLayer, { conv: unknown }>['conv'];

function convolution(
  { filters, kernel, stride, dilation, padding, ...settings }: Convolution,
  name: string,
  seed: number,
) {
  return tf.layers.conv2d({
    name,
    filters,
    kernelSize: kernel,
    strides: stride,
    dilationRate: dilation,
    padding,
    ...weights(settings, seed),
  });
}

function weights({ activation, bias, l2 }: Pick<Convolution, 'activation' | 'bias' | 'l2'>, seed: number) {
  return {
    activation,
    useBias: bias,
    kernelInitializer: tf.initializers.heNormal({ seed }),
    ...(l2 > 0 && { kernelRegularizer: tf.regularizers.l2({ l2 }) }),
  };
}

function pool(description: Extract<PlainLayer, { maxPool: unknown }>['maxPool']) {
  const {
    size,
    stride = size,
    padding,
  } = typeof description === 'number' ? { size: description, padding: 'valid' as const } : description;
  return { poolSize: size, strides: stride, padding };
}
