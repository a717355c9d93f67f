import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { describeIssue } from '../describe-issue.ts';
import { UsageError } from '../errors.ts';
import { estimatorName } from '../model/estimators/estimator-name.ts';
import { type Layer, type LayerDescription, layerSchema } from '../model/layer-description.ts';
import { manifestSchema, placeCount } from '../model/manifest.ts';
import { augmentationSchema } from './augment/augment-scene.ts';
import { baselineSchema } from './baselines/describe-baseline.ts';

/**
 * How a model is trained and judged (`experiments/<name>.yaml`). Together with the data sets it names, it is all that
 * a model is made from.
 */
const count = z.number().int().min(1);
const share = z.number().min(0).max(1);
const levels = z
  .strictObject({ nominal: share, high: share })
  .refine(({ nominal, high }) => nominal <= high, 'nominal is above high');
const { name, version, description, bands, metresPerPixel, overview, patch, features, classes, attention } =
  manifestSchema.shape;

export const experimentSchema = z.strictObject({
  /** A rival to train instead of the model, on the same scenes. */
  baseline: baselineSchema.optional(),
  model: z.strictObject({
    name,
    version,
    description,
    bands,
    metresPerPixel,
    overview,
    patch,
    features,
    classes,
    /**
     * How often answers called so shall be right. The probabilities from which they are, are measured on validation, or
     * given where that cannot tell: of a model that is trained on all there is, by folds that were held out of others.
     */
    confidence: z.strictObject({ nominal: share, high: share, probabilities: levels.optional() }),
    attention,
    /** Places looked at in a scene, in training as in use. */
    patches: placeCount,
    /** How places are drawn in use, which validation is like (`docs/estimators.md`). */
    estimator: estimatorName.default('systematic'),
    networks: z.strictObject({
      attention: z
        .array(layerSchema)
        .min(1)
        // Places are drawn from what the network says in use; a step's gradient must be of that very distribution.
        .refine((layers) => !hasBatchNorm(layers), 'an attention network has no batchNorm'),
      feature: z.array(layerSchema).min(1),
      head: z.array(layerSchema).min(1),
    }),
  }),
  training: z.strictObject({
    seed: z.number().int(),
    /** A checkpoint whose networks training begins with; their descriptions must be the same. Others: seeded ones. */
    start: z.string().optional(),
    /** How places are drawn in training. */
    estimator: estimatorName.default('systematic'),
    /** Scenes in a step. */
    batch: count,
    /** Gradients longer than this (L2 norm over all weights) are shortened to it. */
    clipNorm: z.number().positive(),
    /** Weight of the entropy regulariser (eq. 21): keeps the attention from settling before it has looked around. */
    entropy: z.number().min(0),
    augmentation: augmentationSchema.prefault({}),
    checkpointEverySteps: count,
    /** One after another; a curriculum goes from small scenes to large ones. Data set paths are relative to the working folder. */
    stages: z
      .array(
        z.strictObject({
          dataset: z.string(),
          steps: count,
          learningRate: z.number().positive(),
          warmUpSteps: count.optional(),
          finalLearningRate: z.number().positive().optional(),
          /** Places that a step looks at in each scene; none: as below. */
          patches: placeCount.optional(),
        }),
      )
      .min(1),
    /** The step that does best here is kept; training ends early after `patience` validations without a better one. */
    validation: z.strictObject({ dataset: z.string(), everySteps: count, patience: count.optional() }),
    /** `balanced`: every class counts alike in the loss, however many scenes it has. */
    classWeights: z.enum(['none', 'balanced']).default('none'),
    /** Numbers of places that steps take in turn by lot, so that one model serves them all; none: as in use. */
    patches: z.array(placeCount).min(1).optional(),
    /** Scenes are kept decoded in memory up to this; the others are read by window each time. */
    cacheMegabytes: z.number().min(0),
  }),
});

type Parsed = z.infer<typeof experimentSchema>;
type Networks = Record<keyof Parsed['model']['networks'], LayerDescription[]>;

export type Experiment = Omit<Parsed, 'model'> & { model: Omit<Parsed['model'], 'networks'> & { networks: Networks } };

function hasBatchNorm(layers: readonly Layer[]): boolean {
  return layers.some((layer) =>
    'residual' in layer ? hasBatchNorm([...layer.residual.layers, ...layer.residual.shortcut]) : 'batchNorm' in layer,
  );
}

/** @throws {UsageError} with every mistake in the file */
export async function readExperiment(path: string): Promise<Experiment> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError([`experiment ${path} cannot be read: ${error instanceof Error ? error.message : error}`]);
  });
  const parsed = experimentSchema.safeParse(parseYaml(path, text));
  if (parsed.success) return parsed.data;
  throw new UsageError(parsed.error.issues.map((issue) => `${path}: ${describeIssue(issue)}`));
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // Below its first line is the text around the mistake.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split(/:?\n/);
    throw new UsageError([`${path} is not YAML: ${reason}`]);
  }
}
