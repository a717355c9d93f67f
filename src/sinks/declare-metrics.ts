import { Counter, Gauge, type Metric, type Registry } from 'prom-client';
import { BucketTally, Series, Tally } from './tallies.ts';

/**
 * Declares metrics of one registry, each in a line: `saccade_` before its name, and no series for what is unknown.
 * What each scene adds to is counted by ourselves and read at every scrape: prom-client looks a series up and checks the
 * value each time, which for a scene's thirty numbers costs more than all that Kafka does for it.
 */
export function declareIn(registry: Registry) {
  const registers = [registry];
  const named = (name: string, help: string) => ({ name: `saccade_${name}`, help, registers });
  return {
    counter: (name: string, help: string, ...labelNames: string[]) => {
      const series = new Series(labelNames, () => new Tally());
      new Counter({
        ...named(name, help),
        labelNames,
        collect() {
          this.reset();
          for (const { labels, tally } of series.all) this.inc(labels, tally.total);
        },
      });
      return series;
    },
    histogram: (name: string, help: string, bounds: readonly number[], ...labelNames: string[]) => {
      const series = new Series(labelNames, () => new BucketTally(bounds));
      const metric = histogramOf(`saccade_${name}`, help, series);
      // A registry asks a metric for its name and its values; its type says what prom-client's own have besides.
      registry.registerMetric(metric as unknown as Metric);
      return series;
    },
    gauge: (name: string, help: string, ...labelNames: string[]) => new Gauge({ ...named(name, help), labelNames }),

    /** A gauge that is read at every scrape. */
    reading: (name: string, help: string, read: () => number) =>
      new Gauge({
        ...named(name, help),
        collect() {
          this.set(read());
        },
      }),
    /** A counter that somebody else counts, read at every scrape. */
    count: (name: string, help: string, read: () => number) =>
      new Counter({
        ...named(name, help),
        collect() {
          this.reset();
          this.inc(read());
        },
      }),
    /** A gauge for each member of a set that changes, read at every scrape. */
    readings: (name: string, help: string, label: string, read: () => Iterable<readonly [string | number, number]>) =>
      new Gauge({
        ...named(name, help),
        labelNames: [label],
        collect() {
          this.reset();
          for (const [member, value] of read()) this.labels(String(member)).set(value);
        },
      }),
  };
}

/** What prom-client writes for a histogram. */
function histogramOf(name: string, help: string, series: Series<BucketTally>) {
  const values = () =>
    [...series.all].flatMap(({ labels, tally }) => {
      const buckets = tally.cumulative.map(([le, value]) => ({
        labels: { le, ...labels },
        value,
        metricName: `${name}_bucket`,
      }));
      const [, count] = tally.cumulative.at(-1) ?? [];
      return [
        ...buckets,
        { labels, value: tally.sum, metricName: `${name}_sum` },
        { labels, value: count, metricName: `${name}_count` },
      ];
    });
  return { name, help, type: 'histogram', get: async () => ({ name, help, type: 'histogram', values: values() }) };
}
