import proj4 from 'proj4';
import type { Geometry, Position } from '../../scene.ts';
import { boxOf, corners } from './block.ts';
import { utmDefinition } from './harbours.ts';
import type { HarbourScene, Hull, VesselClass } from './scene.ts';

/** The truth about a scene: one line of `labels.jsonl`. */
export type SceneLabel = {
  readonly file: string;
  readonly id: string;
  readonly class: HarbourScene['class'];
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  readonly index: number;
  readonly harbour: string;
  readonly epsg: number;
  readonly datetime: string;
  readonly vessel: (HullLabel & { readonly class: VesselClass }) | null;
  readonly barges: readonly HullLabel[];
};

export type HullLabel = {
  /** Of the centre, length and beam: in pixels of full resolution. */
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly beam: number;
  /** Degrees clockwise from grid north. */
  readonly heading: number;
  /** The whole pixels around the hull: left, top, right and bottom; the last two lie outside. */
  readonly box: readonly [x0: number, y0: number, x1: number, y1: number];
  readonly footprint: Geometry;
};

export function sceneLabel(
  scene: HarbourScene,
  { id, file, seed, index }: Pick<SceneLabel, 'id' | 'file' | 'seed' | 'index'>,
): SceneLabel {
  const { size, harbour, datetime, georeference, hulls } = scene;
  const barges = hulls.filter(({ deck }) => deck === 'barge').map((hull) => hullLabel(hull, scene));
  const [vessel] = hulls.flatMap((hull) =>
    hull.deck === 'barge' ? [] : [{ class: hull.deck, ...hullLabel(hull, scene) }],
  );
  return {
    ...{ file, id, class: scene.class, width: size, height: size, seed, index },
    ...{ harbour, epsg: georeference.epsg, datetime, vessel: vessel ?? null, barges },
  };
}

function hullLabel(hull: Hull, scene: HarbourScene): HullLabel {
  const degrees = (hull.direction * 180) / Math.PI;
  return {
    x: round(hull.x, 2),
    y: round(hull.y, 2),
    length: round(hull.length, 2),
    beam: round(hull.beam, 2),
    heading: round(((degrees % 360) + 360) % 360, 2),
    box: boxOf(hull),
    footprint: footprint(hull, scene),
  };
}

/** The hull's rectangle on the ground, counterclockwise; degrees to 1e-7, which is a centimetre. */
function footprint(hull: Hull, { georeference }: HarbourScene): Geometry {
  const { epsg, originX, originY, pixelSize } = georeference;
  const toDegrees = proj4(utmDefinition(epsg), 'EPSG:4326');
  const ring = corners(hull)
    .reverse()
    .map(([x, y]): Position => {
      const [longitude, latitude] = toDegrees.forward([originX + x * pixelSize, originY - y * pixelSize]);
      return [round(longitude, 7), round(latitude, 7)];
    });
  return { type: 'Polygon', coordinates: [[...ring, ...ring.slice(0, 1)]] };
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
