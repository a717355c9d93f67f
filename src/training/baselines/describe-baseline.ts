import { z } from 'zod';
import { layerSchema } from '../../model/layer-description.ts';

/**
 * How an experiment asks for a rival instead of a model (`baseline:`). All else it says holds for the rival too, so an
 * experiment and its rivals differ in this alone.
 */
const count = z.number().int().min(1);

export const baselineSchema = z.discriminatedUnion('kind', [
  /** Deep MIL over all patches, with the experiment's feature network and head. */
  z.strictObject({
    kind: z.literal('deep-mil'),
    /** From one patch to the next, in pixels. */
    stride: count,
    /** Width of the hidden layer of its attention. */
    hidden: count.default(128),
    gated: z.boolean().default(true),
    /** Patches computed together: bounds the memory, and is the batch that batch norms go by. */
    patchesAtOnce: count.default(512),
  }),
  /** A convolutional network on the whole scene, made smaller. */
  z.strictObject({
    kind: z.literal('cnn'),
    /** Size that it sees over that of the level that patches are cut from. */
    scale: z.number().positive().max(1),
    /** From pixels to one number a class. */
    layers: z.array(layerSchema).min(1),
    /** Scenes computed together: bounds the memory, and is the batch that batch norms go by. */
    scenesAtOnce: count.default(8),
  }),
]);

export type BaselineDescription = z.infer<typeof baselineSchema>;
