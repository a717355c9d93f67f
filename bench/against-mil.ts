/**
 * What it costs to look at a few places and at all of them: a model against Deep MIL with the model's own feature network
 * and head over all patches, streamed and at once. Time is from the file to the answer, the median of some passes;
 * memory is the most bytes of tensors at once, weights included.
 *
 *     npm run bench:against-mil -- data/harbour/test --model models/harbour --scenes 3
 *
 * TensorFlow's threads help the many patches and may hinder the few, so that all is measured with one of them and with
 * one a core, each number in a process of its own (`--threads 1,2`); at last each way is told by the number that is best
 * for it. How Deep MIL answers is not looked at here: its attention is untrained, which costs the same.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { quantile } from '../src/training/evaluation.ts';
import type { Asked, Seen, Way } from './against-mil/both-ways.ts';

const cores = availableParallelism();
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'models/harbour' },
    scenes: { type: 'string', default: '3' },
    passes: { type: 'string', default: '5' },
    threads: { type: 'string', default: cores === 1 ? '1' : `1,${cores}` },
    stride: { type: 'string' },
    'at-once': { type: 'string', default: '256' },
    'most-gigabytes': { type: 'string', default: '8' },
  },
});
const asked: Asked = {
  data: positionals[0] ?? 'data/harbour/test',
  model: options.model,
  scenes: Number(options.scenes),
  passes: Number(options.passes),
  ...(options.stride !== undefined && { stride: Number(options.stride) }),
  atOnce: Number(options['at-once']),
  mostBytes: Number(options['most-gigabytes']) * 1e9,
};
const HEAD = '| scene | way | places | seconds | × ATS | tensors, MB | × ATS |\n|---|---|---|---|---|---|---|';

const runs: Seen[][] = [];
for (const threads of options.threads.split(',')) {
  const scenes = await bothWays(threads);
  const of = `${scenes.length} scenes, ${asked.passes} passes, ${cores} cores`;
  console.log(`${of}; ${scenes[0]?.about}; TensorFlow's threads: ${threads}\n\n${HEAD}`);
  for (const seen of scenes) print(seen);
  console.log();
  runs.push(scenes);
}
if (runs.length > 1) {
  console.log(`Each way by the number of threads that is best for it:\n\n${HEAD}`);
  const best = bestOf(runs);
  for (const seen of best) print(seen);
  for (const [way, times] of timesAts(best))
    console.log(`\n${way}: ${quantile(times, 0.5).toFixed(1)} × the time of ATS in the median of ${times.length}`);
}

/** All scenes, measured in a process that computes with so many threads. */
async function bothWays(threads: string): Promise<Seen[]> {
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: threads };
  const file = fileURLToPath(new URL('./against-mil/both-ways.js', import.meta.url));
  const child = fork(file, [JSON.stringify(asked)], { env });
  const scenes: Seen[] = [];
  child.on('message', (seen: Seen) => scenes.push(seen));
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exit(1); // it has said why
  return scenes;
}

function print({ scene, ways, notRun }: Seen): void {
  const [ats] = ways as [Way];
  for (const { way, places, seconds, bytes } of ways)
    console.log(
      `| ${scene} | ${way} | ${places} | ${seconds.toFixed(3)} | ${(seconds / ats.seconds).toFixed(1)} | ${(bytes / 1e6).toFixed(1)} | ${(bytes / ats.bytes).toFixed(1)} |`,
    );
  if (notRun === undefined) return;
  const gigabytes = (notRun.bytes / 1e9).toFixed(0);
  console.log(`| ${scene} | ${notRun.way} | ${notRun.places} | not run: about ${gigabytes} GB | | | |`);
}

/** Scene by scene and way by way that of the shortest time. */
function bestOf([first = [], ...others]: readonly Seen[][]): Seen[] {
  return first.map((seen, s) => {
    const ways = seen.ways.map((own, w) =>
      others.reduce((best, scenes) => shorter(best, scenes[s]?.ways[w] ?? best), own),
    );
    return { ...seen, ways };
  });
}

function shorter(a: Way, b: Way): Way {
  return b.seconds < a.seconds ? b : a;
}

/** Of each way but ATS how many times ATS's time it takes, scene by scene. */
function timesAts(scenes: readonly Seen[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { ways } of scenes) {
    const [ats, ...others] = ways as [Way, ...Way[]];
    for (const { way, seconds } of others) times.set(way, [...(times.get(way) ?? []), seconds / ats.seconds]);
  }
  return times;
}
