import { Registry } from 'prom-client';
import type { Classification } from '../scene.ts';
import { declareIn } from './declare-metrics.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { type SceneMetrics, sceneMetrics } from './scene-metrics.ts';
import { declareScraped, type ScrapedFigures } from './scraped-metrics.ts';

/**
 * All metrics. Base units; labels only from closed sets, never an address or a scene's id. Memory, processor and event
 * loop are told by the `process_…` and `nodejs_…` metrics of prom-client.
 */
export type Metrics = SceneMetrics & {
  /** The Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
};

export type MetricsSettings = Build & ScrapedFigures & { readonly classes: readonly string[] };

type Build = {
  readonly version: string;
  readonly model: Classification['model'];
  readonly backend: string;
  /** What it computes on. */
  readonly device: { readonly kind: 'gpu' | 'cpu'; readonly name: string };
};

export function metrics({ classes, ...settings }: MetricsSettings): Metrics {
  const registry = new Registry();
  addProcessMetrics(registry);
  declareBuild(registry, settings);
  declareScraped(registry, settings);
  const scenes = sceneMetrics(registry, classes);
  return { ...scenes, text: () => registry.metrics(), contentType: registry.contentType };
}

function declareBuild(registry: Registry, { version, model, backend, device }: Build): void {
  const { gauge } = declareIn(registry);
  gauge('build_info', 'What is running: always 1', 'version', 'model', 'model_version', 'model_sha256', 'backend')
    .labels(version, model.name, model.version, model.sha256, backend)
    .set(1);
  gauge('backend_info', 'What computes, and on what: always 1', 'backend', 'device', 'name')
    .labels(backend, device.kind, device.name)
    .set(1);
}
