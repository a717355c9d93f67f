import * as tf from '@tensorflow/tfjs-core';
import { scoped } from '../model/scope.ts';
import { registerQuickGradients } from './quick-gradients.ts';

type NamedTensors = Parameters<tf.AdamOptimizer['setWeights']>[0];

/** Adam (Kingma & Ba 2015) whose learning rate a schedule may change, with gradients clipped by their global norm. */
export class ScheduledAdam extends tf.AdamOptimizer {
  private readonly clipNorm: number;

  constructor(clipNorm: number) {
    super(0, 0.9, 0.999);
    registerQuickGradients(); // whoever trains comes by here
    this.clipNorm = clipNorm;
  }

  /** One step down the gradient of `loss` in all trainable weights; returns the loss. */
  descend(loss: () => tf.Scalar, learningRate: number): number {
    return scoped(() => {
      const { value, grads } = tf.variableGrads(loss);
      this.follow(grads, learningRate);
      return value.dataSync()[0] as number;
    });
  }

  /** One step down gradients that were computed elsewhere, by the names of the weights. */
  follow(gradients: tf.NamedTensorMap, learningRate: number): void {
    this.learningRate = learningRate;
    scoped(() => {
      // Moments belong to weights by their order alone, so it must be the same in every step.
      const names = Object.keys(tf.engine().registeredVariables).filter((name) => name in gradients);
      const ordered = names.map((name) => gradients[name] as tf.Tensor);
      const norm = tf.sqrt(tf.addN(ordered.map((gradient) => tf.sum(tf.square(gradient)))));
      const shorten = tf.minimum(1, tf.div(this.clipNorm, norm));
      this.applyGradients(names.map((name, i) => ({ name, tensor: tf.mul(ordered[i] as tf.Tensor, shorten) })));
    });
  }

  /**
   * Goes on from kept moments, to the bit. The bias corrections β₁ᵗ and β₂ᵗ are products in use, but tfjs restores them
   * as powers, which differ in their last bits.
   */
  override async setWeights(weights: NamedTensors): Promise<void> {
    await super.setWeights(weights);
    this.restoreProduct('accBeta1', this.beta1);
    this.restoreProduct('accBeta2', this.beta2);
  }

  private restoreProduct(name: string, beta: number): void {
    const product: unknown = Reflect.get(this, name); // private in tfjs
    if (!(product instanceof tf.Variable)) throw new Error(`Adam of this version of tfjs has no ${name}`);
    scoped(() => {
      let value: tf.Tensor = tf.scalar(beta);
      for (let step = 0; step < this.iterations; step += 1) value = tf.mul(value, beta);
      product.assign(value);
    });
  }
}
