import type { LayersModel } from '@tensorflow/tfjs-layers';
import { axisGeometry } from './geometry.ts';
import type { Networks } from './inference.ts';
import type { Manifest } from './manifest.ts';
import { windowStack } from './window-stack.ts';

type Shape = readonly (number | null)[];

/** What networks must fit. */
type Described = Pick<Manifest, 'bands' | 'patch' | 'features' | 'classes'>;

/**
 * Where networks do not fit the manifest or each other, a line each. Networks that are not there are not missed: what
 * the others lack can still be told.
 */
export function misfits({ attention, feature, head }: Partial<Networks>, manifest: Described): string[] {
  return [
    ...(attention ? attentionMisfits(attention, manifest) : []),
    ...(feature ? featureMisfits(feature, manifest) : []),
    ...(head ? headMisfits(head, feature, manifest) : []),
  ];
}

function attentionMisfits(network: LayersModel, { bands }: Described): string[] {
  const mistakes = inputMisfits('attention', network, [[null, null, bands.length]]);
  const output = shapesOf(network.outputs);
  if (output.length !== 1 || output[0]?.length !== 3 || output[0][2] !== 1) {
    mistakes.push(`the attention network gives ${text(output)} a scene, and a map of one channel is wanted`);
  }
  const unknown = geometryMisfit(network);
  return unknown === undefined ? mistakes : [...mistakes, `the attention network: ${unknown}`];
}

/** The least size of an overview at which it is tried whether the cells of branches lie over one another. */
const LARGE = 4096;

/** Which pixels the cells look at must be known for overviews of every size. */
function geometryMisfit(network: LayersModel): string | undefined {
  try {
    for (const layers of Object.values(windowStack(network))) {
      const { stride } = axisGeometry(layers, LARGE);
      if (stride > LARGE) return `its cells lie ${stride} pixels of overview apart, ${LARGE} at most are of use`;
      for (let more = 1; more < stride; more += 1) axisGeometry(layers, LARGE + more);
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function featureMisfits(network: LayersModel, { bands, patch, features }: Described): string[] {
  const position: Shape[] = features.position ? [[2]] : [];
  const mistakes = inputMisfits('feature', network, [[patch.size, patch.size, bands.length], ...position]);
  const output = shapesOf(network.outputs);
  if (output.length === 1 && output[0]?.length === 1) return mistakes;
  return [...mistakes, `the feature network gives ${text(output)} a patch, and a plain list of numbers is wanted`];
}

function headMisfits(network: LayersModel, feature: LayersModel | undefined, { classes }: Described): string[] {
  const given = feature && shapesOf(feature.outputs)[0];
  const mistakes = given?.length === 1 ? inputMisfits('head', network, [given]) : [];
  const output = shapesOf(network.outputs);
  if (output.length !== 1 || output[0]?.length !== 1 || output[0][0] !== classes.length) {
    mistakes.push(`the head gives ${text(output)}, and the model has ${classes.length} classes: ${classes.join(', ')}`);
  }
  const last = network.layers.at(-1);
  const squashed = [last?.getClassName().toLowerCase(), last?.getConfig()['activation']];
  const squash = ['softmax', 'sigmoid'].find((kind) => squashed.includes(kind));
  if (squash)
    mistakes.push(`the head ends in a ${squash}, and plain logits are wanted: Saccade takes the softmax itself`);
  return mistakes;
}

/** @param wanted of one sample, by input; a network may leave sizes open, an attention network must */
function inputMisfits(name: string, network: LayersModel, wanted: readonly Shape[]): string[] {
  const found = shapesOf(network.inputs);
  const fits = (shape: Shape, other: Shape | undefined) =>
    other?.length === shape.length &&
    shape.every((size, axis) => other[axis] === size || (other[axis] === null && axis < shape.length - 1));
  if (found.length === wanted.length && wanted.every((shape, input) => fits(shape, found[input]))) return [];
  const whose = name === 'head' ? 'the head' : `the ${name} network`;
  return [`${whose} takes ${text(found)}, and would be given ${text(wanted)}`];
}

/** Of one sample each. */
function shapesOf(tensors: LayersModel['inputs']): Shape[] {
  return tensors.map(({ shape }) => shape.slice(1));
}

function text(shapes: readonly Shape[]): string {
  return shapes.map((shape) => shape.map((size) => size ?? 'any').join(' × ')).join(' and ');
}
