import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { CheckedModel } from '../../src/model/check-model.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { mlmItem } from '../../src/model/mlm-item.ts';
import { fakeManifest } from '../fakes/fake-model.ts';

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowMatchingProperties: true });
formats.default(ajv);
const validate = ajv.compile(
  JSON.parse(readFileSync(new URL('../fixtures/mlm-item.schema.json', import.meta.url), 'utf8')),
);

function violations(item: unknown): string[] {
  validate(JSON.parse(JSON.stringify(item)));
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

const checked = (changes: Partial<Manifest> = {}): CheckedModel => ({
  directory: 'models/fake',
  manifest: { ...fakeManifest, ...changes },
  sha256: 'a'.repeat(64),
  networks: {
    attention: { weights: 10, stride: [4, 4], receptiveField: [16, 16] },
    feature: { weights: 20, features: 6 },
    head: { weights: 3 },
  },
  seconds: 0.1,
});

describe('mlmItem', () => {
  it('has all fields that the extension asks for, as we read it', () => {
    expect(violations(mlmItem(checked(), '.'))).toEqual([]);
    expect(violations({ ...mlmItem(checked(), '.'), stac_version: '1.0.0' })).not.toEqual([]);
  });

  it('says nothing of the ground size of a pixel where the model takes any', () => {
    expect(mlmItem(checked({ metresPerPixel: 10 }), '.').properties).toMatchObject({ gsd: 10 });
    expect(mlmItem(checked({ metresPerPixel: null }), '.').properties).not.toHaveProperty('gsd');
  });

  it('tells of a gamma correction, which comes before the scaling', () => {
    const bands = [{ name: 'red', scale: 1, offset: 0, gamma: { exponent: 0.5, white: 255 } }];
    const item = mlmItem(checked({ bands }), '.');
    expect(violations(item)).toEqual([]);
    expect(item.properties['mlm:input'][0]).toMatchObject({
      pre_processing_function: { format: 'python', expression: 'red = 255 * (red / 255) ** 0.5' },
    });
  });

  it('says of an overview that it is made of means only where it is, else that it is stored', () => {
    const description = (overview: Manifest['overview']) =>
      mlmItem(checked({ overview }), '.').properties['mlm:input'][0]?.description;
    const whole = 'The whole scene for the attention network';
    expect(description({ scale: 16, resampling: 'average' })).toBe(`${whole}, each pixel the mean of 16 × 16`);
    expect(description({ scale: 12.5, resampling: 'stored' })).toBe(`${whole}, stored 12.5 times coarser`);
  });

  it('names a number of places only where a model draws one', () => {
    const hyperparameters = (estimator: 'all' | 'top') =>
      mlmItem(checked({ draw: { estimator, patches: 7 } }), '.').properties['mlm:hyperparameters'];
    expect(hyperparameters('top')).toMatchObject({ estimator: 'top', patches: 7 });
    expect(hyperparameters('all')).toMatchObject({ estimator: 'all' });
    expect(hyperparameters('all')).not.toHaveProperty('patches');
  });

  it('keeps to the names that the extension allows, whatever the model calls itself and its classes', () => {
    for (const name of ['a', '3-digits', 'ends-', 'harbour']) {
      expect([name, violations(mlmItem(checked({ name, classes: ['no ship', 'ship/ferry'] }), '.'))]).toEqual([
        name,
        [],
      ]);
    }
    const [output] = mlmItem(checked({ classes: ['no ship', 'ship'] }), '.').properties['mlm:output'];
    expect(output?.['classification:classes']).toEqual([
      { value: 0, name: 'no-ship', description: 'no ship' },
      { value: 1, name: 'ship', description: 'ship' },
    ]);
  });

  it('says how samples are scaled in the words of the extension: (sample - mean) / stddev', () => {
    const bands = [
      { name: 'red', scale: 1 / 127.5, offset: -1 },
      { name: 'nir', scale: 0.0001, offset: 0.2 },
    ];
    const { properties } = mlmItem(checked({ bands }), '.');
    for (const input of properties['mlm:input']) {
      if (!('value_scaling' in input)) throw new Error('no scaling');
      input.value_scaling.forEach(({ mean, stddev }, i) => {
        const { scale, offset } = bands[i]!;
        for (const sample of [0, 17, 255]) expect((sample - mean) / stddev).toBeCloseTo(sample * scale + offset, 9);
      });
    }
  });

  it('names three inputs where the model is told where its patches lie, else two', () => {
    const names = (position: boolean) => {
      const item = mlmItem(checked({ features: { normalise: true, position } }), '.');
      expect(violations(item)).toEqual([]);
      return item.properties['mlm:input'].map(({ name, input }) => [name, input.shape]);
    };
    expect(names(false)).toEqual([
      ['overview', [-1, -1, -1, 3]],
      ['patches', [-1, 32, 32, 3]],
    ]);
    expect(names(true).at(-1)).toEqual(['position', [-1, 2]]);
  });

  it('names every file of the model with its checksum, from where the item lies', () => {
    const hrefs = (folder: string) => Object.values(mlmItem(checked(), folder).assets).map(({ href }) => href);
    expect(hrefs('.')).toEqual(['./model.json', './x', './x', './x']);
    expect(hrefs('../models/fake')[0]).toBe('../models/fake/model.json');
    expect(hrefs('models/fake')[1]).toBe('./models/fake/x');
    expect(hrefs('../my models/fake #1')[1]).toBe('../my%20models/fake%20%231/x');
    expect(mlmItem(checked(), '.').assets.manifest['file:checksum']).toBe(`1220${'a'.repeat(64)}`);
  });
});
