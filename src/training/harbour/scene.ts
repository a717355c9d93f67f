import type { Georeference } from '../cog-header.ts';

/**
 * A harbour scene as data: everything that is drawn by lot, before a pixel is painted. Positions and lengths are in
 * pixels of full resolution, x to the right and y down; directions are in radians clockwise from up (north).
 */
export type HarbourScene = {
  readonly size: number;
  /** Of the noise that textures are made of. */
  readonly noise: number;
  readonly class: SceneClass;
  readonly georeference: Georeference;
  readonly harbour: string;
  /** RFC 3339. */
  readonly datetime: string;
  readonly coast: Coast;
  readonly sea: Sea;
  readonly clouds: Clouds;
  readonly quays: readonly Quay[];
  readonly crafts: readonly Craft[];
  /** The plain barges and, where the scene has one, the vessel of interest, in no telling order. */
  readonly hulls: readonly Hull[];
};

/** What the scene shows of interest: nothing, or one vessel. */
export const sceneClasses = ['none', 'container', 'tanker', 'ferry'] as const;
export type SceneClass = (typeof sceneClasses)[number];
export type VesselClass = Exclude<SceneClass, 'none'>;

export type Colour = readonly [red: number, green: number, blue: number];

/** Land lies where the bent line's signed distance is negative. */
export type Coast = {
  /** Unit vector towards the open sea. */
  readonly seaward: readonly [x: number, y: number];
  /** Along `seaward`, from the scene's top left corner to the unbent line. */
  readonly offset: number;
  /** What bends the line: amplitude and wavelength of noise. */
  readonly bends: readonly { readonly amplitude: number; readonly wavelength: number }[];
  /** Direction of the field boundaries on land. */
  readonly grain: number;
};

export type Sea = {
  readonly colour: Colour;
  readonly shallows: Colour;
  /** Phase advances of each wave train per pixel in x and y, in 2⁻³² of a period, and its height in grey levels. */
  readonly waves: readonly {
    readonly x: number;
    readonly y: number;
    readonly phase: number;
    readonly height: number;
  }[];
};

export type Clouds = {
  /** Shadows lie where noise is above this. */
  readonly threshold: number;
  readonly wavelength: number;
  /** Share of the light that a full shadow takes. */
  readonly depth: number;
};

/** A rectangle in any direction: `direction` points along its length. */
export type Block = {
  readonly x: number;
  readonly y: number;
  readonly direction: number;
  readonly length: number;
  readonly beam: number;
};

/** `x, y` is the middle of its length; its direction is away from the land. */
export type Quay = Block & { readonly tone: number };

/** A boat too small to be of interest. */
export type Craft = Block & { readonly colour: Colour; readonly wake: number };

/** A large hull. Everything but `deck` is drawn from the same distributions whatever it carries. */
export type Hull = Block & {
  readonly deck: VesselClass | 'barge';
  readonly colour: Colour;
  /** Length of the wake; 0 when it lies still. */
  readonly wake: number;
  /** Where its pattern begins, in shares of its periods along and across. */
  readonly phase: readonly [along: number, across: number];
};
