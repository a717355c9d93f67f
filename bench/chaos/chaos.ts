/**
 * Plays disasters on the real program and real brokers, and judges by reading the topics from their beginning: whether
 * anything was lost, repeated or put out of order, and whether a commit went back. Ends with 1 if a line fails.
 *
 *     npm run chaos -- [--only 1,2] [--messages 6000] [--rate 14] [--seed 1] [--json] [--counts]
 *
 * Members are `saccade run` with a model of a few weights; the store answers in 20 to 500 ms. Messages come at a steady
 * rate whatever happens (open loop), by default at 40 % of what two members were measured to take. With --counts no line
 * fails for taking too long: a machine that does other work is no judge of that.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { randomKey, uniforms } from '../../src/random.ts';
import { untrainedHarbour } from '../../test/fakes/untrained-harbour.ts';
import { type KafkaBroker, startKafka } from '../../test/setup/kafka-broker.ts';
import { brokerKilled, eachBrokerKilled, topicsGone } from './brokers-and-topics.ts';
import { brokenPromises, type Disaster, type Observed, rounded } from './disaster.ts';
import { exactlyOnce } from './exactly-once.ts';
import { judge } from './judge.ts';
import { frozen, killed, rolling, storm } from './members-come-and-go.ts';
import { oddities, poison, slowStores, soak } from './messages-and-stores.ts';
import { Stage } from './stage.ts';
import { openStores, type Stores } from './stores.ts';

const disasters: readonly Disaster[] = [
  ...[killed, rolling, storm, brokerKilled, eachBrokerKilled, poison, slowStores, topicsGone, frozen, oddities, soak],
  ...exactlyOnce,
];
const CALIBRATION = 400;
const SHARE_OF_CAPACITY = 0.4;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    messages: { type: 'string', default: '6000' },
    rate: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    counts: { type: 'boolean', default: false },
  },
});
const wanted = options.only?.split(',').map(Number);
const chosen = disasters.filter(({ row }) => wanted?.includes(row) ?? true);
const random = uniforms(randomKey(`chaos ${options.seed}`));
const [model, stores] = await Promise.all([untrainedHarbour(), openStores(random)]);
const run = process.pid;
try {
  process.exitCode = (await playAll()) ? 0 : 1;
} finally {
  await stores.close();
  await rm(model, { recursive: true });
}

async function playAll(): Promise<boolean> {
  let rate = options.rate === undefined ? undefined : Number(options.rate);
  let good = true;
  for (const disaster of chosen) {
    let broker: KafkaBroker | undefined;
    try {
      broker = await startKafka(disaster.brokers, { crashes: true });
      rate ??= SHARE_OF_CAPACITY * (await capacity(broker));
      good = (await play(disaster, broker, rate)) && good;
    } catch (error) {
      const { row, what } = disaster;
      good = tell({ row, what }, {}, { broken: [String(error)], seconds: 0 });
    } finally {
      await broker?.stop();
    }
  }
  return good;
}

/** Messages a second that two members take, all of them waiting. */
async function capacity({ brokers }: KafkaBroker): Promise<number> {
  const stage = new Stage({ ...partsOf('calibration', brokers), messages: CALIBRATION, rate: 1 });
  try {
    await stage.open({ members: 2 });
    await stage.send(Array.from({ length: CALIBRATION }, () => ({})));
    await stage.settle();
    const times = (await stage.find()).answers.map(({ at }) => at);
    const perSecond = (1000 * CALIBRATION) / (Math.max(...times) - Math.min(...times));
    note(`two members take ${perSecond.toFixed(1)} messages a second; the feed is ${SHARE_OF_CAPACITY} of that`);
    return perSecond;
  } finally {
    await stage.close();
  }
}

function partsOf(
  name: string,
  brokers: readonly string[],
): { name: string; brokers: readonly string[]; model: string; stores: Stores } {
  return { name: `${name}-${run}`, brokers, model, stores };
}

async function play(disaster: Disaster, broker: KafkaBroker, rate: number): Promise<boolean> {
  const { row, what, members, settings, outputPartitions } = disaster;
  const parts = { ...partsOf(`row-${row}`, broker.brokers), messages: Number(options.messages), rate };
  const stage = new Stage(parts, settings);
  const since = performance.now();
  try {
    await stage.open({ members, ...(outputPartitions && { outputPartitions }) });
    const observed = await disaster.play(stage, { ...parts, kill: broker.kill, restart: broker.restart, random });
    const verdict = judge(await stage.find());
    const late = options.counts ? [] : (observed.late ?? []);
    const broken = [...brokenPromises(verdict, observed, outputPartitions === 1), ...late];
    return tell({ row, what, ...verdict }, observed, { broken, seconds: (performance.now() - since) / 1000 });
  } catch (error) {
    const logs = [...stage.members].map((member) => member.log).join('\n');
    note(logs);
    return tell({ row, what }, {}, { broken: [String(error)], seconds: (performance.now() - since) / 1000 });
  } finally {
    await stage.close();
  }
}

type Line = { readonly row: number; readonly what: string } & Readonly<Record<string, number | string>>;

/** @returns whether it holds */
function tell(
  line: Line,
  { figures = {} }: Observed,
  { broken, seconds }: { broken: readonly string[]; seconds: number },
): boolean {
  const holds = broken.length === 0;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ ...line, figures, holds, broken, seconds: rounded(seconds) })}\n`);
    return holds;
  }
  const { row, what, ...counts } = line;
  const told = [...Object.entries(counts), ...Object.entries(figures)].map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${holds ? '✓' : '✗'} ${row}  ${what} (${Math.round(seconds)} s)\n     ${told.join(', ')}\n`);
  for (const promise of broken) process.stdout.write(`     ✗ ${promise}\n`);
  return holds;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
