/**
 * A step of training against the same step in PyTorch, on the same cores: the two take turns, so that whatever else the
 * machine does meets both alike.
 *
 *     ops/setup/tensorflow.sh && ops/setup/torch.sh
 *     npm run bench:train -- --threads 2
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs, promisify } from 'node:util';

type Timed = {
  engine: string;
  parameters: number;
  milliseconds: number[];
  cpuMilliseconds: number[];
  losses: number[];
};

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: String(availableParallelism()) },
    runs: { type: 'string', default: '5' },
    steps: { type: 'string', default: '20' },
    'warm-up': { type: 'string', default: '5' },
  },
});
const [threads, runs] = [Number(values.threads), Number(values.runs)];
const counts = ['--steps', values.steps, '--warm-up', values['warm-up']];
const env = {
  ...process.env,
  TF_NUM_INTRAOP_THREADS: values.threads,
  TF_NUM_INTEROP_THREADS: values.threads,
  OMP_NUM_THREADS: values.threads,
  TF_CPP_MIN_LOG_LEVEL: '3',
};

const ours: Timed[] = [];
const theirs: Timed[] = [];
for (let run = 0; run < runs; run += 1) {
  ours.push(await timed(process.execPath, 'build/bench/train-step.js'));
  theirs.push(await timed('/usr/bin/python3', 'bench/train_step.py', '--threads', values.threads));
  console.error(
    `run ${run + 1} of ${runs}: ${[ours, theirs].map((of) => median(of.at(-1)?.milliseconds ?? []).toFixed(0)).join(' and ')} ms`,
  );
}

console.log(
  `${runs} runs each, in turns; ${values.steps} steps after ${values['warm-up']} to warm up; ${threads} threads; batches of 16 scenes with 10 places.\n`,
);
console.log('| step of training | weights | median, ms | of the runs, ms | median of processor time, ms |');
console.log('|---|---|---|---|---|');
for (const of of [ours, theirs]) console.log(row(of));
for (const of of ['milliseconds', 'cpuMilliseconds'] as const) {
  const ratios = ours.map((one, run) => median(one[of]) / median(theirs[run]?.[of] ?? []));
  const each = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
  console.log(`\nratio of ${of}: ${median(ratios).toFixed(2)} (median of ${runs}: ${each})`);
}

async function timed(command: string, ...args: readonly string[]): Promise<Timed> {
  const { stdout } = await promisify(execFile)(command, [...args, ...counts], { env });
  return JSON.parse(stdout);
}

function row(of: readonly Timed[]): string {
  const medians = of.map(({ milliseconds }) => median(milliseconds));
  const each = medians.map((one) => one.toFixed(0)).join(', ');
  const cpu = median(of.map(({ cpuMilliseconds }) => median(cpuMilliseconds)));
  return `| ${of[0]?.engine} | ${of[0]?.parameters} | ${median(medians).toFixed(0)} | ${each} | ${cpu.toFixed(0)} |`;
}

function median(of: readonly number[]): number {
  const sorted = [...of].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
