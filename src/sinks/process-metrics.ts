import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** Gauges of prom-client's own that are named like counters; Prometheus' linter refuses them. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/**
 * Of the timer that measures the event loop's delay. It wakes the process whatever else there is to do: by prom-client's
 * own, of 10 ms, an idle member spent half of its processor time on this.
 */
const RESOLUTION_SECONDS = 0.1;
const NEVER_MILLISECONDS = 2 ** 31 - 1;

/** Memory, processor and event loop of this process, under the names that prom-client gives them. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MILLISECONDS });
  for (const name of misnamed) registry.removeSingleMetric(name);
  addEventLoopLag(registry);
}

/**
 * In place of prom-client's own: how late the event loop came to its work since the last scrape. Their values count the
 * time between two measurements as well, and are never below it.
 */
function addEventLoopLag(registry: Registry): void {
  const delays = monitorEventLoopDelay({ resolution: 1000 * RESOLUTION_SECONDS });
  delays.enable();
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - RESOLUTION_SECONDS);
  const values = {
    min: () => late(delays.min),
    max: () => late(delays.max),
    mean: () => late(delays.mean),
    stddev: () => delays.stddev / 1e9,
    p50: () => late(delays.percentile(50)),
    p90: () => late(delays.percentile(90)),
    p99: () => late(delays.percentile(99)),
  };
  const gauges = Object.entries(values).map(([which, value]) => {
    const name = `nodejs_eventloop_lag_${which}_seconds`;
    const help = `How late the event loop was since the last scrape, ${which}, measured every ${RESOLUTION_SECONDS} s`;
    return { name, gauge: new Gauge({ name, help, registers: [] }), value };
  });
  // Asked before the others, it reads them all: the measurements begin anew with that.
  new Gauge({
    name: 'nodejs_eventloop_lag_measurements',
    help: 'Measurements of how late the event loop was, since the last scrape',
    registers: [registry],
    collect() {
      this.set(delays.count);
      if (delays.count === 0) return; // two scrapes in a tenth of a second: what was said stands
      for (const { gauge, value } of gauges) gauge.set(value());
      delays.reset();
    },
  });
  for (const { name, gauge } of gauges) {
    registry.removeSingleMetric(name);
    registry.registerMetric(gauge);
  }
}
