import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { addProcessMetrics } from '../../src/sinks/process-metrics.ts';

function lagOf(text: string, which: string): number {
  return Number(new RegExp(`^nodejs_eventloop_lag_${which} ([0-9.e-]+)$`, 'm').exec(text)?.[1]);
}

describe('the metrics of the process', () => {
  it('tell how late the event loop was since the last scrape, and nothing of the time between two measurements', async () => {
    const registry = new Registry();
    addProcessMetrics(registry);
    await sleep(350); // it measures
    const blockedUntil = performance.now() + 800;
    while (performance.now() < blockedUntil);
    await sleep(150);
    const blocked = await registry.metrics();
    expect(lagOf(blocked, 'measurements')).toBeGreaterThan(1);
    expect(lagOf(blocked, 'max_seconds')).toBeGreaterThan(0.6);
    expect(lagOf(blocked, 'min_seconds')).toBeLessThan(0.09);
    const atOnce = await registry.metrics();
    expect(lagOf(atOnce, 'measurements')).toBe(0);
    expect(lagOf(atOnce, 'max_seconds')).toBe(lagOf(blocked, 'max_seconds'));
  });

  it('are each there once, and none is named like a counter that is not one', async () => {
    const registry = new Registry();
    addProcessMetrics(registry);
    const names = registry.getMetricsAsArray().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('process_resident_memory_bytes');
    expect(names.filter((name) => /^nodejs_active_.*_total$/.test(name))).toEqual([]);
  });
});
