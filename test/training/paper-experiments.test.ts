import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkScenes } from '../../src/training/check-scenes.ts';
import { readExperiment } from '../../src/training/experiment.ts';
import { surveyLabels } from '../../src/training/labels.ts';

describe('experiments whose data must be fetched', () => {
  it.each([
    ['swedish-traffic-signs', 1280, 960],
    ['colon-cancer', 500, 500],
  ])('%s takes a folder of the layout that it names', async (name, width, height) => {
    const { model } = await readExperiment(`experiments/${name}.yaml`);
    const folder = await mkdtemp(join(tmpdir(), 'saccade-paper-'));
    try {
      await mkdir(join(folder, 'images'));
      const rows = model.classes.map((label) => [`${label}.png`, label]);
      for (const [file = ''] of rows)
        await sharp({ create: { width, height, channels: 3, background: '#804020' } })
          .png()
          .toFile(join(folder, 'images', file));
      await writeFile(join(folder, 'labels.csv'), ['file,label', ...rows.map(String), ''].join('\n'));
      const { scenes, mistakes } = await surveyLabels(folder, model.classes);
      expect(mistakes).toEqual([]);
      expect(scenes.map((scene) => scene.class)).toEqual(model.classes);
      const { signal } = new AbortController();
      const found = await checkScenes(scenes, { model, signal });
      expect(found).toEqual({ mistakes: [], dataTypes: new Set(['uint8']) });
      const [smaller, ...others] = scenes;
      await sharp({ create: { width: 20, height: 20, channels: 3, background: '#000' } })
        .png()
        .toFile(smaller?.path ?? '');
      const cut = await checkScenes([...(smaller ? [smaller] : []), ...others], { model, signal });
      expect(cut.mistakes).toHaveLength(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
