import type { OperatorFunction } from 'rxjs';
import { SceneError } from '../errors.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Raster } from '../scene.ts';
import type { Cog, Level, SceneReader } from '../sources/cog.ts';
import { averageDown } from './average-down.ts';
import { chooseLevels, type SceneLevels } from './choose-levels.ts';
import { firstBands } from './first-bands.ts';
import type { OpenScene, SceneInWork } from './scene-in-work.ts';
import { type StageSettings, stage } from './stage.ts';

export type OpenSettings = {
  readonly anyResolution: boolean;
  /** Decoded pixels that may be read for an overview, at a byte a sample. */
  readonly maxOverviewBytes: number;
};

/** Open the file, choose what of its pyramid the model is shown, and read its overview. */
export function openScene(
  reader: Pick<SceneReader, 'open'>,
  manifest: Manifest,
  settings: OpenSettings & StageSettings,
): OperatorFunction<SceneInWork, OpenScene> {
  return stage('open', settings, async (scene: SceneInWork, signal) => {
    const cog = await reader.open(scene.scene.href, signal);
    if (cog.bands < manifest.bands.length) {
      const message = `the scene has ${cog.bands} bands, the model needs ${manifest.bands.length}`;
      throw new SceneError('scene.unsuitable', message);
    }
    const levels = chooseLevels(cog.levels, manifest, settings);
    const overview = await readOverview(cog, levels, settings.maxOverviewBytes, signal);
    return { ...scene, cog, levels, overview: firstBands(overview, manifest.bands.length) };
  });
}

async function readOverview(cog: Cog, levels: SceneLevels, maxBytes: number, signal: AbortSignal): Promise<Raster> {
  const { width, height } = cog.levels[levels.overview] as Level; // an index into levels
  const bytes = width * height * cog.bands;
  if (bytes > maxBytes) {
    const wanted = `${width} × ${height} pixels of ${cog.bands} bands, ${bytes} bytes, to be averaged by ${levels.factor}`;
    throw new SceneError('scene.unsuitable', `no overview of use: ${wanted}; at most ${maxBytes} are read`);
  }
  const [raster] = await cog.read(levels.overview, [{ x: 0, y: 0, width, height }], signal);
  return averageDown(raster as Raster, levels.factor); // one window, one raster
}
