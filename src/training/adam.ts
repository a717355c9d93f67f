import * as tf from '@tensorflow/tfjs-core';
import { scoped } from '../model/scope.ts';

/** Adam (Kingma & Ba 2015) whose learning rate a schedule may change, with gradients clipped by their global norm. */
export class ScheduledAdam extends tf.AdamOptimizer {
  private readonly clipNorm: number;

  constructor(clipNorm: number) {
    super(0, 0.9, 0.999);
    this.clipNorm = clipNorm;
  }

  /** One step down the gradient of `loss` in all trainable weights; returns the loss. */
  descend(loss: () => tf.Scalar, learningRate: number): number {
    this.learningRate = learningRate;
    return scoped(() => {
      const { value, grads } = tf.variableGrads(loss);
      const squares = Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)));
      const norm = tf.sqrt(tf.addN(squares));
      const shorten = tf.minimum(1, tf.div(this.clipNorm, norm));
      this.applyGradients(Object.fromEntries(Object.entries(grads).map(([name, g]) => [name, tf.mul(g, shorten)])));
      return value.dataSync()[0] as number;
    });
  }
}
