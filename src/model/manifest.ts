import { z } from 'zod';
import { dataTypes } from '../data-type.ts';
import { estimatorName } from './estimators/estimator-name.ts';

/**
 * What a model directory says about itself (`model.json`): what it must be shown, how it looks, what it answers and
 * how it was made. Read once, on the border; inside Saccade a manifest is always whole and consistent.
 */
const file = z.strictObject({
  path: z
    .string()
    .min(1)
    .refine((path) => !path.split(/[\\/]/).includes('..'), 'leads out of the model directory'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Of the manifests that this Saccade reads and writes. */
export const FORMAT = 1;

/** More than any scene is worth, and still few enough to be drawn and held. */
export const MOST_PLACES = 100_000;

/** How many places are looked at in a scene. */
export const placeCount = z.number().int().min(1).max(MOST_PLACES);

/** By 0 a network would see the same of every scene. */
const scale = z.number().refine((value) => value !== 0, 'a scale of 0 shows a network nothing');

/** A network sees `sample * scale + offset`. */
const band = z.strictObject({
  name: z.string().min(1),
  scale,
  offset: z.number(),
  /**
   * Gamma correction before that: a sample becomes white·(sample/white)^exponent, which leaves black and white where they
   * are. By an exponent below 1 what lies in shade is told apart as well as what lies in light.
   */
  gamma: z.strictObject({ exponent: z.number().positive(), white: z.number().positive() }).optional(),
});

export const manifestSchema = z
  .strictObject({
    /** Of this file. Models made before formats were counted are of the first. */
    format: z.literal(FORMAT).default(FORMAT),
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
    version: z.string().min(1),
    description: z.string(),
    /** In the order of the networks' input channels. */
    bands: z.array(band).min(1),
    /** Of the samples of all scenes that it was trained on, whose range others keep to; absent where they differ, or nobody has noted it. */
    dataType: z.enum(dataTypes).optional(),
    /** Ground size of a pixel of the level that patches are cut from; null: of no known size, any will do. */
    metresPerPixel: z.number().positive().nullable(),
    /** `scale` times coarser than that level: by whole factors of averaging, or as a file has it stored and only so. */
    overview: z.discriminatedUnion('resampling', [
      z.strictObject({ scale: z.number().int().min(1), resampling: z.literal('average') }),
      z.strictObject({ scale: z.number().min(1), resampling: z.literal('stored') }),
    ]),
    /** Side of a square patch, in pixels of that level. */
    patch: z.strictObject({ size: z.number().int().min(1) }),
    features: z
      .strictObject({
        /** Features are scaled to length 1 before their mean is taken, so that none outweighs the others by its size. */
        normalise: z.boolean().default(false),
        /** The feature network is also shown where a patch lies (eq. 20): its centre, as shares of the scene's sides. */
        position: z.boolean().default(false),
      })
      .prefault({}),
    classes: z
      .array(z.string().min(1))
      .min(2)
      .refine((names) => new Set(names).size === names.length, 'two classes have the same name'),
    /** A probability from `nominal` (or `high`) upwards is called so, below `nominal` it is low; 1: none is called so. */
    confidence: z.strictObject({ nominal: z.number().min(0).max(1), high: z.number().min(0).max(1) }),
    draw: z.strictObject({ estimator: estimatorName, patches: placeCount }),
    attention: z.strictObject({
      /** Mixed into the attention, so that no place has none: a ← (1 − smoothing)·a + smoothing/cells. */
      smoothing: z.number().min(0).max(1),
      /** In use, the mean of what the network says of the overview and of its mirror image. */
      mirrored: z.boolean().optional(),
      /** In use, how many times larger the network is shown the overview: for what is small in it. */
      magnification: z.number().min(1).max(4).optional(),
    }),
    networks: z.strictObject({ attention: file, feature: file, head: file }),
    training: z.strictObject({
      command: z.string(),
      dataset: z.strictObject({ name: z.string(), sha256: z.string(), scenes: z.number().int() }),
      seed: z.number().int(),
      steps: z.number().int(),
      backend: z.string(),
      /** Of scenes that training never saw, at the manifest's own number of patches. */
      validation: z.strictObject({ scenes: z.number().int(), error: z.number().min(0).max(1) }),
    }),
  })
  .refine((m) => m.confidence.nominal <= m.confidence.high, 'confidence.nominal is above confidence.high');

/** A manifest of another format is told by this field alone: nothing is known of its others. */
export const formatSchema = z.looseObject({ format: z.unknown().optional() });

export type Manifest = z.infer<typeof manifestSchema>;
