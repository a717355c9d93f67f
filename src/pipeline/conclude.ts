import { confidenceOf } from '../confidence.ts';
import { SceneError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { Classification, Geometry, Place, Position, Window } from '../scene.ts';
import type { Cog, Level } from '../sources/cog.ts';
import type { SeenScene, Trace } from './scene-in-work.ts';

/** Name the class, how sure the answer is, what it rests on and what it cost. */
export function conclude(model: Pick<Model, 'manifest' | 'sha256' | 'backend'>): (seen: SeenScene) => Classification {
  const { name, version, classes, confidence } = model.manifest;
  return (seen) => {
    const { scene, cog, draw, verdict, trace } = seen;
    const likeliest = Math.max(...verdict.probabilities);
    if (Number.isNaN(likeliest)) throw new SceneError('scene.unsuitable', 'the scene has samples that are no numbers');
    const evidence = evidenceOf(seen);
    return {
      scene,
      class: classes[verdict.probabilities.indexOf(likeliest)] as string, // one probability per class
      confidence: confidenceOf(likeliest, confidence),
      probabilities: byClass(classes, verdict.probabilities),
      standardError: verdict.standardError,
      footprint: footprintOf(cog) ?? scene.geometry ?? null,
      evidence,
      place: placeOf(cog, evidence),
      model: { name, version, sha256: model.sha256 },
      source: { etag: cog.etag, lastModified: cog.lastModified, bytes: cog.bytes },
      read: { ...cog.cost, share: seen.share },
      draw: { estimator: draw.estimator, patches: draw.cells.length, seed: draw.seed },
      seconds: { ...trace.seconds, total: secondsSince(trace) },
      backend: model.backend,
      processed: new Date().toISOString(),
    };
  };
}

function byClass(classes: readonly string[], values: readonly number[]): Record<string, number> {
  const named: Record<string, number> = {};
  classes.forEach((label, k) => {
    named[label] = values[k] as number; // one for each class
  });
  return named;
}

export function secondsSince({ startedAt }: Trace): number {
  return (performance.now() - startedAt) / 1000;
}

type Evidence = Place & { readonly footprint: Geometry | null };

function evidenceOf({ cog, levels, draw, windows, verdict }: SeenScene): Evidence[] {
  const level = levels.patches;
  return draw.cells.map(({ attention }, n) => {
    const window = windows[n] as Window; // one window and one pull per drawn cell
    const { x, y, width, height } = window;
    const pull = verdict.pulls[n] as number;
    return { x, y, width, height, level, attention, pull, footprint: cog.footprint(level, window) };
  });
}

function footprintOf(cog: Cog): Geometry | null {
  const { width, height } = cog.levels[0] as Level; // a file has a finest level
  return cog.footprint(0, { x: 0, y: 0, width, height });
}

/** Centre of the place that pulls most towards the answer. */
function placeOf(cog: Cog, evidence: readonly Evidence[]): Position | null {
  const strongest = evidence.reduce((best, place) => (place.pull > best.pull ? place : best));
  const { level, x, y, width, height } = strongest;
  return cog.locate(level, x + width / 2, y + height / 2);
}
