import proj4 from 'proj4';
import type { Georeference } from '../cog-header.ts';
import { type Lots, lots } from '../lots.ts';
import { coastWithLand } from './coast.ts';
import { harbours, utmCode, utmDefinition } from './harbours.ts';
import { placeCrafts } from './place-crafts.ts';
import { placeHulls } from './place-hulls.ts';
import { placeQuays } from './place-quays.ts';
import { type Clouds, type Coast, type Colour, type HarbourScene, type Sea, sceneClasses } from './scene.ts';

/** Draws a scene by lot. The same seed, index and size give the same scene. */
export type SceneOrder = {
  readonly seed: number;
  /** Of the scene in its data set. Of four in a row, one is of each class. */
  readonly index: number;
  /** Side of the scene in pixels. */
  readonly size: number;
};

/** Ground size of a pixel in metres. */
export const PIXEL_SIZE = 2;

/** Below this the barges, the vessel and the borders that they keep off do not fit. */
export const LEAST_SIZE = 512;

/** 17 gigapixels; a row of tiles then takes 100 MB. */
export const MOST_SIZE = 131_072;

/** Layouts tried before giving up; in small scenes some have no room for all hulls. */
const ATTEMPTS = 100;

export function planHarbour({ seed, index, size }: SceneOrder): HarbourScene {
  const sceneClass = classOf(seed, index);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const key = ['harbour', seed, index, size, attempt] as const;
    const draw = lots(...key);
    const noise = draw.whole(0, 2 ** 31 - 1);
    const site = siteOf(draw, size);
    const coast = coastOf(draw, { size, noise });
    const scenery = { size, noise, coast, sea: seaOf(draw), clouds: cloudsOf(draw) };
    const quays = placeQuays(scenery, lots(...key, 'quays'));
    const hulls = placeHulls({ ...scenery, quays, class: sceneClass }, lots(...key, 'hulls'));
    if (hulls === undefined) continue;
    const crafts = placeCrafts({ ...scenery, quays, hulls }, lots(...key, 'crafts'));
    return { ...scenery, ...site, class: sceneClass, quays, hulls, crafts };
  }
  throw new Error(`no room for the hulls of scene ${index} (seed ${seed}, ${size} px) in ${ATTEMPTS} layouts`);
}

/** Each four scenes in a row hold the four classes in random order: balance does not depend on the number of scenes. */
function classOf(seed: number, index: number) {
  const group = Math.floor(index / sceneClasses.length);
  const order = lots('harbour classes', seed, group).shuffle(sceneClasses);
  return order[index % sceneClasses.length] as (typeof sceneClasses)[number];
}

const FIRST_DAY = Date.parse('2025-01-01T00:00:00Z');
const DAYS = 365;

/** Metres that scenes of one harbour lie apart at most, in each direction. */
const SPREAD = 3000;

function siteOf(draw: Lots, size: number): { georeference: Georeference; harbour: string; datetime: string } {
  const { name, longitude, latitude } = draw.pick(harbours);
  const epsg = utmCode({ longitude, latitude });
  const [easting, northing] = proj4(utmDefinition(epsg), [longitude, latitude]);
  const snap = (metres: number) => Math.round(metres / PIXEL_SIZE) * PIXEL_SIZE;
  const half = (size * PIXEL_SIZE) / 2;
  const originX = snap(easting - half + draw.between(-SPREAD, SPREAD));
  const originY = snap(northing + half + draw.between(-SPREAD, SPREAD));
  const minute = draw.whole(0, DAYS * 24 * 60 - 1);
  return {
    georeference: { epsg, originX, originY, pixelSize: PIXEL_SIZE },
    harbour: name,
    datetime: new Date(FIRST_DAY + minute * 60_000).toISOString(),
  };
}

function coastOf(draw: Lots, { size, noise }: { size: number; noise: number }): Coast {
  const angle = draw.between(0, 2 * Math.PI);
  const detail = Math.min(1, size / 1024);
  const bends = [
    { amplitude: size * draw.between(0.02, 0.07), wavelength: size * 0.45 },
    { amplitude: 26 * detail, wavelength: 260 * detail },
    { amplitude: 8, wavelength: 80 },
    { amplitude: 2.5, wavelength: 25 },
  ];
  const seaward = [Math.cos(angle), Math.sin(angle)] as const;
  const unplaced = { seaward, offset: 0, bends, grain: draw.between(0, Math.PI) };
  return coastWithLand(unplaced, draw.between(0.1, 0.35), { size, noise });
}

const SEAS: readonly Colour[] = [
  [38, 66, 92],
  [42, 80, 94],
  [50, 80, 78],
  [58, 74, 88],
  [34, 72, 84],
];
const SHALLOWS: readonly [number, number, number] = [104, 130, 124];

function seaOf(draw: Lots): Sea {
  const light = draw.between(-8, 8);
  const [red, green, blue] = draw.pick(SEAS);
  const wind = draw.between(0, 2 * Math.PI);
  const wave = (shortest: number, longest: number) => {
    const [length, angle] = [draw.between(shortest, longest), wind + draw.between(-0.5, 0.5)];
    const turns = (share: number) => Math.round((share / length) * 2 ** 32) | 0;
    const phase = draw.whole(0, 2 ** 31 - 1);
    return { x: turns(Math.cos(angle)), y: turns(Math.sin(angle)), phase, height: draw.between(1.5, 4) };
  };
  return {
    colour: [red + light, green + light, blue + light],
    shallows: SHALLOWS,
    waves: [wave(8, 13), wave(14, 23), wave(26, 44)],
  };
}

function cloudsOf(draw: Lots): Clouds {
  return {
    threshold: draw.between(0.2, 0.8),
    wavelength: draw.between(300, 800),
    depth: draw.between(0.25, 0.45),
  };
}
