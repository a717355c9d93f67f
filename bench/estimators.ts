/**
 * What each estimator's error and gradient are, in Markdown tables (`docs/estimators.md`): no data, no networks, a fixed seed.
 *
 *     npm run bench:estimators [-- --runs 8000]
 */
import { parseArgs } from 'node:util';
import { type EstimatorName, estimatorNames } from '../src/model/estimators/estimator-name.ts';
import { estimators } from '../src/model/estimators/estimators.ts';
import { blobScene, ENTROPY, type Sharpness, type Texture } from './estimators/blob-scene.ts';
import { type Findings, study } from './estimators/study.ts';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '8000' } } });
const runs = Number(options.runs);
const sharpnesses = Object.keys(ENTROPY) as Sharpness[]; // an object literal has no other keys
const columns = sharpnesses.flatMap((sharpness) => [10, 25].map((patches) => ({ sharpness, patches })));

/** The one is exact; the other is `top` here, where a patch is no wider than its cell. */
const known: readonly EstimatorName[] = ['all', 'peaks'];

for (const texture of ['smooth', 'rough'] as const) {
  const found = new Map(
    estimatorNames.filter((name) => !known.includes(name)).map((name) => [name, findings(name, texture)]),
  );
  print(`${texture} features: E‖F̂ − F‖² relative to independent draws`, found, ({ error }) => error.toPrecision(2));
  print(`${texture} features: cosine of the mean gradient to the exact one`, found, ({ meanCosine }) =>
    meanCosine.toFixed(3),
  );
  print(`${texture} features: cosine of one draw's gradient, on average`, found, ({ drawCosine }) =>
    drawCosine.toFixed(2),
  );
  print(`${texture} features with something in common: the same`, found, ({ commonCosine }) => commonCosine.toFixed(2));
}

function findings(name: keyof typeof estimators, texture: Texture): Findings[] {
  return columns.map(({ sharpness, patches }) =>
    study(blobScene(1, { sharpness, texture }), estimators[name], { patches, runs: name === 'top' ? 1 : runs }),
  );
}

function print(title: string, found: ReadonlyMap<string, Findings[]>, cell: (findings: Findings) => string): void {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  console.log(`\n${title}, ${runs} draws\n`);
  console.log(row(['estimator', ...columns.map(({ sharpness, patches }) => `${sharpness}, N = ${patches}`)]));
  console.log(row(['---', ...columns.map(() => '---:')]));
  for (const [name, of] of found) console.log(row([`\`${name}\``, ...of.map(cell)]));
}
