import { describe, expect, it } from 'vitest';
import { baselineSchema } from '../../../src/training/baselines/describe-baseline.ts';
import { readExperiment } from '../../../src/training/experiment.ts';

describe('baselineSchema', () => {
  it.each(['deep-mil', 'overview'])('asks for %s in an experiment that else is the model’s own', async (rival) => {
    const [own, its] = await Promise.all(
      ['harbour', `harbour-${rival}`].map((n) => readExperiment(`experiments/${n}.yaml`)),
    );
    const { name, description } = its?.model ?? {};
    expect(its).toEqual({ ...own, baseline: its?.baseline, model: { ...own?.model, name, description } });
    expect(own?.baseline).toBeUndefined();
    expect(its?.baseline?.kind).toBe(rival === 'overview' ? 'cnn' : rival);
  });

  it('shows the overview what the model’s own attention sees of it', async () => {
    const { model, baseline } = await readExperiment('experiments/harbour-overview.yaml');
    if (baseline?.kind !== 'cnn') throw new Error('no network on the overview');
    expect(baseline.scale).toBe(1 / model.overview.scale);
    const { attention, head } = model.networks; // whose last two layers score cells and pool the scores
    expect(baseline.layers).toEqual([...attention.slice(0, -2), { globalMaxPool: true }, ...head]);
  });

  it.each([
    { kind: 'cnn', scale: 2, layers: [{ globalMaxPool: true }] },
    { kind: 'cnn', scale: 1, layers: [] },
    { kind: 'deep-mil' },
    { kind: 'deep-mil', stride: 0 },
    { kind: 'perceiver', stride: 1 },
  ])('refuses %j', (description) => {
    expect(baselineSchema.safeParse(description).success).toBe(false);
  });
});
