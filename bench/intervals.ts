/**
 * How often 95 % intervals hold the exact probability, in a Markdown table (`docs/estimators.md`): no data, a fixed seed.
 *
 *     npm run bench:intervals [-- --scenes 2000]
 */
import { parseArgs } from 'node:util';
import { ENTROPY, type Sharpness } from './estimators/blob-scene.ts';
import { intervalStudy } from './estimators/interval-study.ts';

const { values: options } = parseArgs({ options: { scenes: { type: 'string', default: '2000' } } });
const scenes = Number(options.scenes);
const sharpnesses = Object.keys(ENTROPY) as Sharpness[]; // an object literal has no other keys
const names = ['without-replacement', 'gumbel-kappa-plain', 'gumbel-kappa-normalised', 'systematic'] as const;
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

console.log(`share of ${scenes} scenes whose interval holds the exact probability\n`);
console.log(row(['features', 'head', 'attention', 'N', ...names.map((name) => `\`${name}\``)]));
console.log(row(['---', '---:', '---', '---:', ...names.map(() => '---:')]));
for (const texture of ['smooth', 'rough'] as const) {
  for (const slope of [1, 3]) {
    for (const sharpness of sharpnesses) {
      for (const patches of [10, 25] as const) {
        const found = intervalStudy(names, { scenes, patches, sharpness, texture, slope });
        const shares = [...found.values()].map((covered) => `${(100 * covered).toFixed(1)} %`);
        console.log(row([texture, `${slope}`, sharpness, `${patches}`, ...shares]));
      }
    }
  }
}
