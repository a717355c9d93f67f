import type { LayersModel } from '@tensorflow/tfjs-layers';
import { UsageError } from '../errors.ts';
import { axisGeometry } from './geometry.ts';
import { inference, type Networks } from './inference.ts';
import { findNetworks } from './load-networks.ts';
import type { Manifest } from './manifest.ts';
import { findDamages, type NetworkName, parseManifest } from './read-manifest.ts';
import { rehearse } from './rehearse.ts';
import { windowStack } from './window-stack.ts';

/** A model directory that is in order, and what is in it. */
export type CheckedModel = {
  readonly directory: string;
  readonly manifest: Manifest;
  /** Of the manifest. */
  readonly sha256: string;
  readonly networks: {
    readonly attention: {
      readonly weights: number;
      /** From one cell to the next, and what a cell looks at, [x, y] in pixels of the overview. */
      readonly stride: readonly [number, number];
      readonly receptiveField: readonly [number, number];
    };
    /** `features`: how many numbers it makes of a patch. */
    readonly feature: { readonly weights: number; readonly features: number };
    readonly head: { readonly weights: number };
  };
  /** Of computing a first scene in this thread, on black pixels. */
  readonly seconds: number;
};

/**
 * Reads all of a model directory and computes a first scene with it, on the backend in use.
 * @throws {UsageError} with every mistake: in the manifest, else in the networks' files and whether they fit, else what
 * becomes of a scene
 */
export async function checkModel(directory: string): Promise<CheckedModel> {
  const { manifest, sha256 } = await parseManifest(directory);
  const { attention, feature, head } = await readNetworks(directory, manifest);
  const started = performance.now();
  await rehearse(inference({ attention, feature, head }, manifest), manifest).catch((error: unknown) => {
    throw new UsageError([`${directory} cannot compute: ${error instanceof Error ? error.message : String(error)}`]);
  });
  const seconds = Math.round(performance.now() - started) / 1000;
  const networks = {
    attention: { weights: attention.countParams(), ...viewOf(attention) },
    feature: { weights: feature.countParams(), features: feature.outputs[0]?.shape[1] ?? 0 }, // a plain list: it fits
    head: { weights: head.countParams() },
  };
  return { directory, manifest, sha256, networks, seconds };
}

/** Whole ones are looked at even where another is damaged. */
async function readNetworks(directory: string, manifest: Manifest): Promise<Networks> {
  const damages = await findDamages(directory, manifest);
  const names: NetworkName[] = ['attention', 'feature', 'head'];
  const found = await findNetworks(
    directory,
    manifest,
    names.filter((name) => damages[name] === undefined),
  );
  const mistakes = [...Object.values(damages).filter((damage) => damage !== undefined), ...found.mistakes];
  const { attention, feature, head } = found.networks;
  if (mistakes.length === 0 && attention && feature && head) return { attention, feature, head };
  throw new UsageError(mistakes);
}

const ENOUGH = 2 ** 20;

function viewOf(attention: LayersModel): Pick<CheckedModel['networks']['attention'], 'stride' | 'receptiveField'> {
  const stack = windowStack(attention);
  const [x, y] = [axisGeometry(stack.x, ENOUGH), axisGeometry(stack.y, ENOUGH)];
  return { stride: [x.stride, y.stride], receptiveField: [x.receptiveField, y.receptiveField] };
}
