import { Counter, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { declareIn } from '../../src/sinks/declare-metrics.ts';

const bounds = [0.1, 0.5, 1];
const observed = [
  ['a', 0.05],
  ['a', 0.1],
  ['a', 0.7],
  ['b', 40],
  ['a', 1],
] as const;

describe('declareIn', () => {
  it('writes histograms and counters to the letter as prom-client does its own', async () => {
    const [ours, theirs] = [new Registry(), new Registry()];
    const registers = [theirs];
    const { counter, histogram } = declareIn(ours);
    const took = histogram('took', 'How long', bounds, 'stage');
    const all = histogram('all', 'All of them', bounds).labels();
    const count = counter('count', 'How many', 'stage', 'code');
    const named = { name: 'saccade_took', help: 'How long', labelNames: ['stage'] };
    const theirTook = new Histogram({ ...named, buckets: bounds, registers });
    const theirAll = new Histogram({ name: 'saccade_all', help: 'All of them', buckets: bounds, registers });
    const labelNames = ['stage', 'code'];
    const theirCount = new Counter({ name: 'saccade_count', help: 'How many', labelNames, registers });
    for (const [stage, seconds] of observed) {
      took.labels(stage).observe(seconds);
      theirTook.labels(stage).observe(seconds);
      all.observe(seconds);
      theirAll.observe(seconds);
      count.labels(stage, 'x').inc(seconds);
      theirCount.labels(stage, 'x').inc(seconds);
    }
    expect(await ours.metrics()).toBe(await theirs.metrics());
  });

  it('shows what has no labels from the beginning, at nothing', async () => {
    const registry = new Registry();
    const { counter, histogram } = declareIn(registry);
    counter('count', 'How many');
    histogram('took', 'How long', [1]);
    const text = await registry.metrics();
    expect(text).toContain('\nsaccade_count 0\n');
    expect(text).toContain('\nsaccade_took_bucket{le="+Inf"} 0\n');
  });
});
