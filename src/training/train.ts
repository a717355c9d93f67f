import * as tf from '@tensorflow/tfjs-core';
import type { Networks } from '../model/inference.ts';
import { type Learner, type Learnt, learn, type TrainingRun } from './learn.ts';
import { prepareBatch } from './prepare-batch.ts';
import type { TrainerSettings } from './trainer.ts';
import { validate } from './validate.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

/**
 * Trains a model's three networks end to end from image labels alone: attend, draw, look, compare with the label, go
 * downhill.
 */
export type Trained = Learnt & { readonly networks: Networks };

/**
 * @returns undefined when the signal stopped it; called again, it goes on from its checkpoint
 * @throws as `learn` does
 */
export async function train(
  run: TrainingRun,
  { estimate }: Pick<TrainerSettings, 'estimate'> = {},
): Promise<Trained | undefined> {
  const { experiment, signal } = run;
  const workshop = openWorkshop(experiment, { signal, estimate });
  const learnt = await learn(run, learner(run, workshop));
  return learnt && { ...learnt, networks: workshop.networks };
}

function learner({ experiment, signal }: TrainingRun, workshop: Workshop): Learner {
  const { networks, trainer, store, inference, glance } = workshop;
  const { training, model } = experiment;
  const { estimator, classes } = model;
  return {
    networks,
    optimizer: trainer.optimizer,
    store,
    stack: glance.stack,
    step: async (shown, { step, learningRate }) => {
      const batch = await prepareBatch(shown, workshop, { training, step });
      try {
        return trainer.step(batch, learningRate);
      } finally {
        tf.dispose([batch.overviews.samples, batch.overviews.data]);
      }
    },
    judge: (scenes) => validate(scenes, { ...glance, estimator, store, inference, classes, signal }),
  };
}
