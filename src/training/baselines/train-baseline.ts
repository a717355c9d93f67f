import type { Experiment } from '../experiment.ts';
import { type Learner, type Learnt, learn, type TrainingRun } from '../learn.ts';
import { sceneStore } from '../scene-store.ts';
import type { Baseline } from './baseline.ts';
import type { BaselineDescription } from './describe-baseline.ts';
import { judgeBaseline } from './judge-baseline.ts';
import { makeBaseline } from './make-baseline.ts';

/** The rival of the step that did best on the validation scenes. */
export type TrainedBaseline = Learnt & { readonly baseline: Baseline };

/**
 * Trains a rival in the loop that trains the model: on the same scenes, shown in the same ways in the same order.
 * @returns undefined when the signal stopped it; called again, it goes on from its checkpoint
 * @throws as `learn` does
 */
export async function trainBaseline(
  run: TrainingRun,
  description: BaselineDescription,
): Promise<TrainedBaseline | undefined> {
  const { baseline, overviewScale } = makeBaseline(run.experiment, description);
  const experiment = withOverviews(run.experiment, overviewScale);
  const learnt = await learn({ ...run, experiment }, learnerOf(baseline, { ...run, experiment }));
  return learnt && { ...learnt, baseline };
}

function learnerOf(baseline: Baseline, { experiment: { model, training }, signal }: TrainingRun): Learner {
  const store = sceneStore({ model, cacheBytes: training.cacheMegabytes * 1e6, signal });
  return {
    networks: baseline.networks,
    optimizer: baseline.optimizer,
    store,
    step({ scenes, labels, weights }, { learningRate }) {
      // One label and one weight a scene.
      const shown = scenes.map((scene, i) => ({ scene, label: labels[i] as number, weight: weights[i] as number }));
      return baseline.step(shown, learningRate);
    },
    judge: (asked) => judgeBaseline(asked, { baseline, store, classes: model.classes, signal }),
  };
}

/** The same experiment with overviews of another scale, over which scenes are moved as far as before. */
export function withOverviews({ model, training, ...rest }: Experiment, scale: number): Experiment {
  const pan = Math.round((training.augmentation.pan * model.overview.scale) / scale);
  return {
    ...rest,
    model: { ...model, overview: { ...model.overview, scale } },
    training: { ...training, augmentation: { ...training.augmentation, pan } },
  };
}
