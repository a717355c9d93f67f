import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Config } from '../config.ts';
import { draw } from '../model/estimators/draw.ts';
import type { Model } from '../model/model.ts';
import { classifyScenes } from '../pipeline/classify-scenes.ts';
import type { SeenScene } from '../pipeline/scene-in-work.ts';
import { randomKey, uniforms } from '../random.ts';
import { heatmap } from '../sinks/heatmap.ts';
import type { Outcomes } from '../sinks/outcomes.ts';
import type { Level } from '../sources/cog.ts';
import { jsonlMessages } from '../sources/messages/jsonl-messages.ts';
import { parseScene } from '../sources/messages/scene-message.ts';
import { sceneReader } from '../sources/scene-reader.ts';
import type { CommandContext } from './context.ts';
import { finish } from './finish.ts';
import { ownHrefs } from './own-hrefs.ts';

/** A scene as a person names it: any file and any address is theirs to read. */
export type NamedScene = { readonly href: string; readonly id?: string; readonly datetime?: string };

export type LocalParts = {
  readonly model: Model;
  readonly outcomes: Pick<Outcomes, 'send'>;
  /** For access to stores of objects; none: only what is public. */
  readonly environment?: CommandContext['environment'];
  readonly signal: AbortSignal;
  /** Takes the heatmap of each scene, as PNG; without it none is drawn. */
  readonly picture?: (id: string, png: Buffer) => Promise<void>;
};

/**
 * Classifies a list of scenes in this process, through the very pipeline of `saccade run`.
 * @throws the signal's reason once it is aborted, at once
 */
export async function classifyHere(
  scenes: readonly NamedScene[],
  { model, outcomes, environment = {}, signal, picture }: LocalParts,
  config: Config,
): Promise<void> {
  const { maxMessageBytes } = config.scenes;
  const lines = scenes.map((scene) => `${JSON.stringify(scene)}\n`);
  const deliveries = jsonlMessages(Readable.from(lines), { name: 'scene', maxMessageBytes });
  const reader = sceneReader({ ...config.sources, ...ownHrefs, environment, budget: config.budget });
  const pictures: Promise<void>[] = [];
  const observe = {
    ...{ taken() {}, stage() {}, read() {}, retrying() {}, bug() {}, moved() {}, sent() {} },
    looked(scene: SeenScene) {
      if (!picture) return;
      const drawn = drawHeatmap(scene, model).then((png) => picture(scene.scene.id, png));
      drawn.catch(() => {}); // told below, once the scenes are done
      pictures.push(drawn);
    },
  };
  const random = uniforms(randomKey(randomUUID()));
  const parse = (message: Parameters<typeof parseScene>[0]) =>
    parseScene(message, { ...config.scenes, bands: model.manifest.bands });
  const parts = { deliveries, parse, reader, model, draw, outcomes, observe, random };
  try {
    // Whoever leaves does not wait for the scenes that are begun: nothing is kept of them, and nothing lost.
    await finish(classifyScenes(parts, { ...config, ...config.scenes }), deliveries, { drainSeconds: 0, signal });
    await Promise.all(pictures);
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await Promise.allSettled(pictures);
    await reader.close();
  }
}

function drawHeatmap({ overview, attention, windows, levels, verdict, cog }: SeenScene, model: Model) {
  const places = windows.map((window, n) => ({ ...window, pull: verdict.pulls[n] as number })); // one pull a window
  const scale = (cog.levels[levels.patches] as Level).width / overview.width; // an index into levels
  return heatmap({ overview, attention, field: model.field(overview), places, scale });
}
