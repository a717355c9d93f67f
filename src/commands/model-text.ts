import type { CheckedModel } from '../model/check-model.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Backend } from '../model/model.ts';

/** What `saccade model check --json` prints of a model that is in order. */
export type CheckReport = { readonly ok: true; readonly backend: Backend } & Pick<
  CheckedModel,
  'directory' | 'sha256' | 'networks' | 'seconds'
> &
  Pick<
    Manifest,
    'format' | 'name' | 'version' | 'description' | 'metresPerPixel' | 'overview' | 'patch' | 'features' | 'classes'
  > &
  Pick<Manifest, 'confidence' | 'draw' | 'attention'> & {
    readonly bands: readonly string[];
    readonly validation: Manifest['training']['validation'];
  };

export function checkReport({ manifest, ...checked }: CheckedModel, backend: Backend): CheckReport {
  const { bands, training, networks: _files, ...described } = manifest;
  const { validation } = training;
  return { ok: true, ...checked, ...described, bands: bands.map(({ name }) => name), validation, backend };
}

/** For people, a line each. */
export function checkText(report: CheckReport): string {
  const { attention, feature, head } = report.networks;
  const by = ([x, y]: readonly [number, number]) => `${x} × ${y}`;
  const { overview, patch, features, draw, validation } = report;
  const ground = report.metresPerPixel === null ? 'any ground size' : `${report.metresPerPixel} m per pixel`;
  const { mirrored, magnification } = report.attention;
  const views = [magnification && `magnified ${magnification} times`, mirrored && 'and its mirror image'];
  const extras = [features.position && 'told where they lie', features.normalise && 'scaled to length 1'];
  const lines = {
    model: `${report.name} ${report.version} (format ${report.format}), in order: ${report.description}`,
    sees: `${report.bands.join(', ')} at ${ground}; overview 1/${overview.scale}, patches ${by([patch.size, patch.size])}`,
    attention: [
      `${attention.weights} weights; a cell every ${by(attention.stride)} pixels of overview, looking at ${by(attention.receptiveField)}`,
      ...views.filter(Boolean),
    ].join(', '),
    feature: [`${feature.weights} weights; ${feature.features} numbers a patch`, ...extras.filter(Boolean)].join(', '),
    head: `${head.weights} weights; ${report.classes.join(', ')}`,
    draws: draw.estimator === 'all' ? 'all places' : `${draw.patches} places (${draw.estimator})`,
    error: `${(100 * validation.error).toFixed(1)} % of ${validation.scenes} validation scenes`,
    computed: `a first scene on ${report.backend} in ${report.seconds} s`,
  };
  return Object.entries(lines)
    .map(([name, text]) => `${name.padEnd(11)}${text}\n`)
    .join('');
}
