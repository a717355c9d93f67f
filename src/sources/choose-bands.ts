import { SceneError } from '../errors.ts';
import { type BandFacts, normalName } from './band-facts.ts';

/**
 * Finds for each band that a model needs the one of that name. A band of which nothing is known is taken to be what the
 * model has at its position, so that files without any names are read by position: first N. Transparency is no band.
 * @returns indices of bands, in the model's order
 * @throws {SceneError} `scene.unsuitable`, with both lists
 */
export function chooseBands({ names, alpha }: BandFacts, wanted: readonly { readonly name: string }[]): number[] {
  const colours = names.flatMap((known, band) => (band === alpha ? [] : [{ band, known: known.map(normalName) }]));
  return wanted.map(({ name }, position) => {
    const named = colours.find(({ known }) => known.includes(normalName(name)));
    const atPosition = colours[position];
    if (named) return named.band;
    if (atPosition?.known.length === 0) return atPosition.band;
    const has = colours.map(({ known }) => known.join(' or ') || 'one without a name').join(', ') || 'none';
    const needs = wanted.map((band) => band.name).join(', ');
    throw new SceneError('scene.unsuitable', `the model needs the bands ${needs}; the scene has ${has}`);
  });
}
