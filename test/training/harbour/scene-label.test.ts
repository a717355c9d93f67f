import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Position } from '../../../src/scene.ts';
import { corners } from '../../../src/training/harbour/block.ts';
import { planHarbour } from '../../../src/training/harbour/plan-harbour.ts';
import type { HarbourScene } from '../../../src/training/harbour/scene.ts';
import { type HullLabel, sceneLabel } from '../../../src/training/harbour/scene-label.ts';
import { parts } from '../../setup/parts.ts';

function labelled(index: number) {
  const order = { seed: 6, index, size: 1024 };
  const scene = planHarbour(order);
  return { scene, label: sceneLabel(scene, { ...order, id: `id-${index}`, file: `${index}.tif` }) };
}

function ringOf({ footprint }: HullLabel): readonly Position[] {
  if (footprint.type !== 'Polygon') throw new TypeError('a hull is a polygon');
  return footprint.coordinates[0] ?? [];
}

describe('sceneLabel', () => {
  it('tells the vessel from the barges', () => {
    for (let index = 0; index < 8; index += 1) {
      const { scene, label } = labelled(index);
      expect(label.class).toBe(scene.class);
      expect(label.vessel?.class).toBe(scene.class === 'none' ? undefined : scene.class);
      expect(label.barges).toHaveLength(scene.hulls.length - (label.vessel ? 1 : 0));
    }
  });

  it('puts hulls into boxes, and rings around them counterclockwise', () => {
    const { label } = labelled(1);
    for (const hull of label.barges) {
      const [x0, y0, x1, y1] = hull.box;
      expect(Math.abs((x0 + x1) / 2 - hull.x)).toBeLessThanOrEqual(1);
      expect(Math.abs((y0 + y1) / 2 - hull.y)).toBeLessThanOrEqual(1);
      expect(Math.hypot(x1 - x0, y1 - y0)).toBeGreaterThan(hull.length);
      const ring = ringOf(hull);
      expect(ring[0]).toEqual(ring.at(-1));
      const area = ring.slice(1).reduce((sum, [x, y], i) => {
        const [previousX, previousY] = ring[i] as Position;
        return sum + previousX * y - x * previousY;
      }, 0);
      expect(area).toBeGreaterThan(0);
    }
  });
});

describe.skipIf(!parts.gdal)('sceneLabel, needs gdal', () => {
  /** Longitude and latitude of points in pixels. */
  function gdalTransform({ georeference }: HarbourScene, points: readonly Position[]): Position[] {
    const { epsg, originX, originY, pixelSize } = georeference;
    const input = points.map(([x, y]) => `${originX + x * pixelSize} ${originY - y * pixelSize}`).join('\n');
    const answer = execFileSync('gdaltransform', ['-s_srs', `EPSG:${epsg}`, '-t_srs', 'OGC:CRS84'], { input });
    const lines = answer.toString().trim().split('\n');
    return lines.map((line) => line.split(' ').map(Number)).map(([x = 0, y = 0]) => [x, y]);
  }

  it('places footprints where GDAL does, to 1e-6 degrees', () => {
    for (let index = 0; index < 6; index += 1) {
      const { scene, label } = labelled(index);
      const hull = scene.hulls.find(({ deck }) => deck === 'barge');
      const [barge] = label.barges;
      if (hull === undefined || barge === undefined) throw new Error('every scene has a barge');
      const expected = gdalTransform(scene, corners(hull).reverse());
      for (const [i, [longitude, latitude]] of expected.entries()) {
        const ours = ringOf(barge)[i] as Position;
        expect(Math.abs(ours[0] - longitude)).toBeLessThan(1e-6);
        expect(Math.abs(ours[1] - latitude)).toBeLessThan(1e-6);
      }
    }
  });
});
