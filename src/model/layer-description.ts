import { z } from 'zod';

/**
 * Networks as an experiment describes them, one layer a line; what stands after a colon here is the default:
 *
 *     - conv: { filters, kernel, stride: 1, dilation: 1, padding: valid, activation: relu, bias: true, l2: 0 }
 *     - maxPool: 2                       # or { size, stride: size, padding: valid }; averagePool alike
 *     - batchNorm: { momentum: 0.99 }    # goes into the convolution before it when the model is exported
 *     - activation: relu
 *     - residual: { layers: [...], shortcut: [...] }   # the sum of both; an empty shortcut gives what came in
 *     - globalMaxPool: true              # globalAveragePool alike
 *     - flatten: true
 *     - dense: { units, activation: relu, bias: true, l2: 0 }
 *
 * `l2` is the weight that the squares of the kernel have in the loss. Convolutions are unpadded where nothing else is
 * said: a padded attention network can tell the border of a scene from its middle, and may lock onto it.
 */
const activation = z.enum(['linear', 'relu', 'tanh']);
const count = z.number().int().min(1);
const padding = z.enum(['valid', 'same']).default('valid');
const weighted = {
  activation: activation.default('relu'),
  bias: z.boolean().default(true),
  l2: z.number().min(0).default(0),
};
const pool = z.union([count, z.strictObject({ size: count, stride: count.optional(), padding })]);

const plainLayers = [
  z.strictObject({
    conv: z.strictObject({
      filters: count,
      kernel: count,
      stride: count.default(1),
      dilation: count.default(1),
      padding,
      ...weighted,
    }),
  }),
  z.strictObject({ maxPool: pool }),
  z.strictObject({ averagePool: pool }),
  z.strictObject({ batchNorm: z.strictObject({ momentum: z.number().min(0).lt(1).default(0.99) }) }),
  z.strictObject({ activation }),
  z.strictObject({ globalMaxPool: z.literal(true) }),
  z.strictObject({ globalAveragePool: z.literal(true) }),
  z.strictObject({ flatten: z.literal(true) }),
  z.strictObject({ dense: z.strictObject({ units: count, ...weighted }) }),
] as const;

const plainLayerSchema = z.union(plainLayers, { error: explain });

export const layerSchema = z.union(
  [
    ...plainLayers,
    z.strictObject({
      residual: z.strictObject({
        layers: z.array(plainLayerSchema).min(1),
        shortcut: z.array(plainLayerSchema).default([]),
      }),
    }),
  ],
  { error: explain },
);

/** As it is written, defaults left out. */
export type LayerDescription = z.input<typeof layerSchema>;
export type PlainLayer = z.output<typeof plainLayerSchema>;
export type Layer = z.output<typeof layerSchema>;

/** What is wrong with a layer of the kind that was meant; without this a union says no more than "invalid input". */
function explain(issue: z.core.$ZodRawIssue): string {
  if (issue.code !== 'invalid_union') return issue.message ?? 'no layer';
  const isOther = (found: z.core.$ZodIssue) => found.code === 'unrecognized_keys' && found.path.length === 0;
  const meant = issue.errors.find((found) => found.every((one) => one.path.length > 0 && !isOther(one)));
  if (meant) return meant.map((one) => `${one.path.join('.')}: ${one.message}`).join('; ');
  return `no such layer: ${JSON.stringify(issue.input)}`;
}
