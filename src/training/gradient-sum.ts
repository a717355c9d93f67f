import * as tf from '@tensorflow/tfjs-core';

/** Adds up the gradients of parts of a batch, by the names of the weights, outside of any tensor scope. */
export class GradientSum {
  private sums: Record<string, tf.Tensor> = {};

  /** What is added remains its owner's. */
  add(gradients: tf.NamedTensorMap): void {
    for (const [name, gradient] of Object.entries(gradients)) {
      const sum = this.sums[name];
      this.sums[name] = tf.keep(sum ? tf.add(sum, gradient) : tf.clone(gradient));
      sum?.dispose();
    }
  }

  /** The sums so far; they go with this. */
  get gradients(): tf.NamedTensorMap {
    return this.sums;
  }

  dispose(): void {
    tf.dispose(this.sums);
    this.sums = {};
  }
}
