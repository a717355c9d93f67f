import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Declares metrics of one registry, each in a line: `saccade_` before its name, and no series for what is unknown. */
export function declareIn(registry: Registry) {
  const registers = [registry];
  const named = (name: string, help: string) => ({ name: `saccade_${name}`, help, registers });
  return {
    counter: (name: string, help: string, ...labelNames: string[]) => new Counter({ ...named(name, help), labelNames }),
    gauge: (name: string, help: string, ...labelNames: string[]) => new Gauge({ ...named(name, help), labelNames }),
    histogram: (name: string, help: string, buckets: number[], ...labelNames: string[]) =>
      new Histogram({ ...named(name, help), buckets, labelNames }),

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
