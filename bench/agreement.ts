/**
 * How often two backends, whose logits differ by a millionth, draw the same places from one scene, with attention rounded
 * as `quantise` does, and rounded coarsely first (its logarithm to 2⁻¹²), in a Markdown table (`docs/estimators.md`).
 *
 *     npm run bench:agreement [-- --scenes 200]
 */
import { parseArgs } from 'node:util';
import { draw } from '../src/model/estimators/draw.ts';
import { randomKey, uniforms } from '../src/random.ts';

const SIDE = 128;
const DIFFERENCE = 1e-6;
const { values: options } = parseArgs({ options: { scenes: { type: 'string', default: '200' } } });
const scenes = Number(options.scenes);

const roundings = {
  'as `quantise` does': (attention: Float32Array) => attention,
  'log to 2⁻¹² first': (attention: Float32Array) =>
    attention.map((a) => Math.exp(Math.round(Math.log(a) * 4096) / 4096)),
};
const names = ['systematic', 'gumbel-kappa-normalised'] as const;
console.log(`scenes of ${scenes} with another place among ten\n`);
console.log(
  `| rounding | attention | ${names.map((name) => `\`${name}\``).join(' | ')} |\n| --- | --- | ---: | ---: |`,
);
for (const [rounding, round] of Object.entries(roundings)) {
  for (const [attention, slope] of [
    ['flat', 0.5],
    ['peaked', 8],
  ] as const) {
    const changed = names.map((estimator) => {
      let count = 0;
      for (let scene = 0; scene < scenes; scene += 1) {
        const [one, other] = twins(scene, slope).map((values) => {
          const map = { values: round(values), width: SIDE, height: SIDE };
          const { cells } = draw(map, { estimator, patches: 10, seed: scene, key: [] });
          return cells.map(({ cell }) => cell).join();
        });
        if (one !== other) count += 1;
      }
      return `${count}`;
    });
    console.log(`| ${rounding} | ${attention} | ${changed.join(' | ')} |`);
  }
}

/** Attention of one scene, as two backends compute it. */
function twins(seed: number, slope: number): Float32Array[] {
  const next = uniforms(randomKey('twins', seed));
  const logits = Float64Array.from({ length: SIDE * SIDE }, () => slope * next.next().value);
  return [0, DIFFERENCE].map((difference) => {
    const raised = logits.map((logit) => Math.exp(logit + difference * (2 * next.next().value - 1)));
    const sum = raised.reduce((total, x) => total + x, 0);
    return Float32Array.from(raised, (x) => x / sum);
  });
}
