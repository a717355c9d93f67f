import { z } from 'zod';
import { SceneError } from '../../errors.ts';

/**
 * Decides which asset of a STAC Item is the scene: the first of the configured keys that is not said to be something
 * other than a TIFF, else the only TIFF with the role `data` or `visual`, else the only TIFF.
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
});
type Asset = z.infer<typeof asset>;

const position = z.tuple([z.number(), z.number()], z.number()).transform(([x, y]) => [x, y] as const);
const rings = z.array(z.array(position).min(4)).min(1);
const geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: rings }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(rings).min(1) }),
]);

export const stacItem = z.object({
  type: z.literal('Feature'),
  stac_version: z.string(),
  id: z.string().min(1).max(2048),
  /** Points and lines are no footprint. */
  geometry: z.union([geometry, z.unknown().transform(() => null)]),
  properties: z.looseObject({ datetime: z.iso.datetime({ offset: true }).nullish() }),
  assets: z.record(z.string(), asset),
});

/** @throws {SceneError} `message.malformed` where no single asset can be chosen */
export function chooseAsset(assets: Readonly<Record<string, Asset>>, keys: readonly string[]): Asset {
  const byKey = keys.map((key) => assets[key]).find((a) => a !== undefined && maybeTiff(a));
  if (byKey !== undefined) return byKey;
  const tiffs = Object.values(assets).filter(maybeTiff);
  const byRole = tiffs.filter((a) => a.roles?.some((role) => role === 'data' || role === 'visual'));
  const [only, another] = byRole.length > 0 ? byRole : tiffs;
  if (only !== undefined && another === undefined) return only;
  const names = Object.keys(assets).join(', ') || 'none';
  const wanted = `one of ${keys.join(', ')}, or a single TIFF`;
  throw new SceneError('message.malformed', `no asset of the STAC Item can be chosen: wanted ${wanted}, got ${names}`);
}

/** Of each band of an asset all its names: its own, and the common one that says which colour it is. */
export function bandNames({ bands, 'eo:bands': eoBands }: Asset): string[][] {
  return (bands ?? eoBands ?? []).map(({ name, common_name, 'eo:common_name': eoCommonName }) =>
    [name, common_name, eoCommonName].filter((known) => typeof known === 'string'),
  );
}

function maybeTiff({ type }: Asset): boolean {
  return typeof type !== 'string' || /^image\/(tiff|vnd\.stac\.geotiff)\b/i.test(type);
}
