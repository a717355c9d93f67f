/**
 * Whether a model gives the same answer wherever it runs: the same scenes by `saccade classify` on each backend, event by
 * event. Attention differs by rounding from backend to backend, so now and then another place is drawn; every scene for
 * which that happens is told.
 *
 *     npm run bench:backends [-- --scenes 1000 --size 1024 --model models/harbour --backend tensorflow --backend wasm]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { makeHarbour } from '../src/training/harbour/make-harbour.ts';
import { readLabels } from '../src/training/labels.ts';

/** Named on one command line. */
const AT_ONCE = 200;
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const answerSchema = z.object({
  data: z.object({
    properties: z.object({
      class: z.string(),
      backend: z.string(),
      probabilities: z.record(z.string(), z.number()),
      evidence: z.array(z.object({ level: z.number(), x: z.number(), y: z.number(), attention: z.number() })),
    }),
  }),
});
type Answer = z.infer<typeof answerSchema>['data']['properties'];

const { values: options } = parseArgs({
  options: {
    scenes: { type: 'string', default: '1000' },
    size: { type: 'string', default: '1024' },
    model: { type: 'string', default: 'models/harbour' },
    backend: { type: 'string', multiple: true, default: ['tensorflow', 'wasm'] },
  },
});
const directory = await mkdtemp(join(tmpdir(), 'saccade-backends-'));
try {
  const [scenes, size] = [Number(options.scenes), Number(options.size)];
  await makeHarbour({ directory, scenes, sizes: [size], seed: 31, workers: availableParallelism() });
  const files = (await readLabels(directory)).map(({ path }) => path);
  const [first = '', ...others] = options.backend;
  const expected = await answers(files, first);
  for (const other of others) compare(files, [first, expected], [other, await answers(files, other)]);
} finally {
  await rm(directory, { recursive: true });
}

async function answers(files: readonly string[], backend: string): Promise<Answer[]> {
  const found: Answer[] = [];
  const env = { ...process.env, SACCADE_MODEL: options.model, SACCADE_BACKEND: backend, SACCADE_LANES: '1' };
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const asked = [main, 'classify', '--json', ...files.slice(from, from + AT_ONCE)];
    const { stdout } = await promisify(execFile)(process.execPath, asked, { env, maxBuffer: 2 ** 28 });
    for (const line of stdout.trim().split('\n')) found.push(answerSchema.parse(JSON.parse(line)).data.properties);
    if (found.some((answer) => answer.backend !== backend)) throw new Error(`${backend} did not compute`);
  }
  return found;
}

function compare(files: readonly string[], [one, as]: [string, Answer[]], [other, bs]: [string, Answer[]]): void {
  let [elsewhere, otherClass, most] = [0, 0, 0];
  for (const [i, a] of as.entries()) {
    const b = bs[i];
    if (b === undefined) throw new Error(`${other} answered ${bs.length} of ${as.length} scenes`);
    if (a.class !== b.class) otherClass += 1;
    if (placesOf(a) === placesOf(b)) {
      most = Math.max(
        most,
        ...Object.entries(a.probabilities).map(([k, p]) => Math.abs(p - (b.probabilities[k] ?? 0))),
      );
      continue;
    }
    elsewhere += 1;
    console.log(`${files[i]}: ${one} ${placesOf(a)} ${a.class}, ${other} ${placesOf(b)} ${b.class}`);
  }
  const same = as.length - elsewhere;
  console.log(
    `${one} and ${other}: ${same} of ${as.length} scenes with the same places (${((100 * same) / as.length).toFixed(1)} %), ` +
      `in those probabilities differ by at most ${most.toExponential(1)}; ${otherClass} scenes with another class`,
  );
}

function placesOf({ evidence }: Answer): string {
  return evidence
    .map(({ level, x, y }) => `${level}:${x},${y}`)
    .sort()
    .join(' ');
}
