import { z } from 'zod';
import { SceneError } from '../../errors.ts';
import { dateTime } from './date-time.ts';
import { stacGeometry } from './stac-geometry.ts';

/**
 * Decides which asset of a STAC Item is the scene: the first of the configured keys that is not said to be something
 * other than a TIFF, or to lack a band that the model needs, else the only TIFF with the role `data` or `visual`, else the only TIFF. Where there is none such,
 * the scene is the TIFFs of single bands that the model needs, found by the names of bands or by the assets' own.
 */
const name = z.string().nullish();
const band = z.object({ name, common_name: name, 'eo:common_name': name });

const asset = z.object({
  href: z.string(),
  type: z.string().nullish(),
  roles: z.array(z.string()).nullish(),
  /** STAC 1.1; what is no list of bands says nothing of them. */
  bands: z.array(band).nullish().catch(null),
  /** Before, by the extension for electro-optical data. */
  'eo:bands': z.array(band).nullish().catch(null),
  /** By the file extension; what is no length says nothing of it. */
  'file:header_size': z.int().positive().nullish().catch(null),
});
type Asset = z.infer<typeof asset>;

export const stacItem = z.object({
  type: z.literal('Feature'),
  stac_version: z.string(),
  id: z.string().min(1).max(2048),
  /** Points and lines are no footprint. */
  geometry: z.union([stacGeometry, z.unknown().transform(() => null)]),
  properties: z.looseObject({ datetime: dateTime.nullish() }),
  assets: z.record(z.string(), asset),
});

/**
 * @param bands that the model needs, by name
 * @returns one asset, or one for each band
 * @throws {SceneError} `message.malformed` where none can be chosen
 */
export function chooseAssets(
  assets: Assets,
  { keys, bands }: { readonly keys: readonly string[]; readonly bands: readonly string[] },
): readonly [NamedAsset, ...NamedAsset[]] {
  const byKey = keys.map((key) => assets[key]).filter((a) => a !== undefined && maybeTiff(a));
  const suitable = byKey.find((asset) => asset !== undefined && mayHave(asset, bands));
  if (suitable !== undefined) return [named(suitable)];
  const tiffs = Object.entries(assets).filter(([, asset]) => maybeTiff(asset));
  const byRole = tiffs.filter(([, a]) => a.roles?.some((role) => role === 'data' || role === 'visual'));
  const [only, another] = byRole.length > 0 ? byRole : tiffs;
  if (only !== undefined && another === undefined) return [named(only[1])];
  const [first, ...rest] = ofBands(byRole.length > 0 ? byRole : tiffs, bands);
  if (first !== undefined) return [first, ...rest];
  if (byKey[0] !== undefined) return [named(byKey[0])]; // what it lacks is told once it is open
  const names = Object.keys(assets).join(', ') || 'none';
  const apart = bands.length > 0 ? `, or one for each of ${bands.join(', ')}` : '';
  const wanted = `one of ${keys.join(', ')}, or a single TIFF${apart}`;
  throw new SceneError('message.malformed', `no asset of the STAC Item can be chosen: wanted ${wanted}, got ${names}`);
}

type Assets = Readonly<Record<string, Asset>>;
type NamedAsset = {
  readonly href: string;
  readonly bandNames: readonly (readonly string[])[];
  readonly headerBytes?: number;
};

function named(asset: Asset): NamedAsset {
  const headerBytes = asset['file:header_size'];
  return { href: asset.href, bandNames: bandNames(asset), ...(headerBytes && { headerBytes }) };
}

/** Whether an asset names all bands, or none, so that its file may. */
function mayHave(asset: Asset, bands: readonly string[]): boolean {
  const names = bandNames(asset).flat();
  return names.length === 0 || bands.every((band) => names.some((name) => isSame(name, band)));
}

/** The asset of each band, known by any of the names of its one band or by its key; none unless there is one for all. */
function ofBands(assets: readonly (readonly [string, Asset])[], bands: readonly string[]): NamedAsset[] {
  const single = assets.flatMap(([key, asset]) => {
    const [names = [], another] = bandNames(asset);
    return another === undefined ? [{ ...named(asset), bandNames: [[...names, key]] }] : [];
  });
  const known = bands.map((band) =>
    single.find(({ bandNames: [names = []] }) => names.some((name) => isSame(name, band))),
  );
  const found = known.filter((asset) => asset !== undefined);
  return found.length === bands.length ? found : [];
}

function isSame(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** Of each band of an asset all its names: its own, and the common one that says which colour it is. */
function bandNames({ bands, 'eo:bands': eoBands }: Asset): string[][] {
  return (bands ?? eoBands ?? []).map(({ name, common_name, 'eo:common_name': eoCommonName }) =>
    [name, common_name, eoCommonName].filter((known) => typeof known === 'string'),
  );
}

function maybeTiff({ type }: Asset): boolean {
  return typeof type !== 'string' || /^image\/(tiff|vnd\.stac\.geotiff)\b/i.test(type);
}
