import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * For each cell of a row of the output, the first and last pixel of the row that change it; of a network whose weights
 * are all positive and whose biases are 0.
 */
export function seenPixels(model: LayersModel, width: number): [number, number][] {
  return tf.tidy(() => {
    const height = width;
    // Image p is 1 in column p and 0 elsewhere.
    const columns = tf.reshape(tf.eye(width), [width, 1, width, 1]);
    const images = tf.tile(columns, [1, height, 1, 1]);
    const out = model.predict(images) as tf.Tensor4D; // [pixel, h, w, 1]
    const [, h, w] = out.shape;
    const values = out.arraySync();
    return Array.from({ length: w }, (_, cell): [number, number] => {
      const pixels = values.flatMap((image, pixel) => (image[Math.floor(h / 2)]![cell]![0]! > 0 ? [pixel] : []));
      return [pixels[0]!, pixels.at(-1)!];
    });
  });
}
