/**
 * What the stream itself costs: members whose stages do nothing answer every message of a topic with an event, on a real
 * broker. Against plain kafkajs that does the same consume and produce in the same run, then with one to four members:
 * how fast they answer a topic that is full, and then, at 2000 messages a second, how long an answer takes and how many
 * messages lag; with one that commits in transactions, how fast. Also the longest time between two heartbeats, what an idle member uses, how soon it goes on after a pause, and what a
 * scrape of its metrics takes.
 *
 *     npm run bench:stream -- [messages, 200000]
 *
 * It needs Kafka (`ops/setup/kafka.sh`). Broker, members and this program share the machine's cores.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Producer } from 'kafkajs';
import { z } from 'zod';
import { startKafka } from '../test/setup/kafka-broker.ts';
import { KafkaTopics, until } from '../test/setup/kafka-topics.ts';

const PARTITIONS = 8;
/** Of the second part: sent every 50 ms, for five seconds. */
const PACED = { batch: 100, batches: 100, milliseconds: 50 };
const told = z.object({
  count: z.number(),
  seconds: z.number(),
  microsPerMessage: z.number(),
  latencies: z.array(z.number()).default([]),
  idle: z.number().optional(),
  heartbeatGap: z.number().optional(),
  resume: z.number().optional(),
  scrape: z.number().optional(),
});
type Told = z.infer<typeof told>;

const messages = Number(process.argv[2] ?? 200_000);
const member = fileURLToPath(new URL('./stream/member.js', import.meta.url));
const broker = await startKafka();
const topics = new KafkaTopics(broker.brokers);
try {
  const rows = [];
  const bare = await run('bare', 1);
  rows.push(row('kafkajs alone', bare));
  console.error(JSON.stringify(rows.at(-1)));
  let first: Told | undefined;
  for (let members = 1; members <= 4; members += 1) {
    const found = await run('saccade', members);
    first ??= found.told[0];
    rows.push(row('saccade', found));
    console.error(JSON.stringify(rows.at(-1)));
  }
  rows.push(row('saccade, exactly once', await run('exactly-once', 1)));
  console.error(JSON.stringify(rows.at(-1)));
  console.log(`${messages} messages, ${PARTITIONS} partitions, one broker, ${availableParallelism()} cores`);
  console.table(rows);
  const share = throughput(first) / throughput(bare.told[0]);
  console.log(`one member: ${share.toFixed(2)} of the throughput of kafkajs alone (wanted: 0.60 or more)`);
  const micros = first?.microsPerMessage.toFixed(1);
  console.log(`one member: ${Math.round(throughput(first))} messages/s (wanted: 20,000), ${micros} µs a message (50)`);
  console.log(
    `longest time between heartbeats ${first?.heartbeatGap?.toFixed(1)} s (wanted: below 10 of a session of 30)`,
  );
  console.log(`goes on ${first?.resume?.toFixed(0)} ms after a pause, the worst of five (wanted: 300 or less)`);
  console.log(`idle ${(100 * (first?.idle ?? Number.NaN)).toFixed(2)} % of a core (wanted: 1 or less)`);
  console.log(`a scrape ${first?.scrape?.toFixed(1)} ms, the median of 20 (wanted: 10 or less)`);
} finally {
  await broker.stop();
}

/** Messages from `first` on, in turn over the partitions. */
function batchOf(name: string, first: number, count: number) {
  return Array.from({ length: count }, (_, i) => {
    const id = `${name}-${first + i}`;
    const value = JSON.stringify({ href: `https://example.com/${id}.tif`, id });
    return { key: id, value, partition: i % PARTITIONS };
  });
}

type Found = { readonly told: readonly Told[]; readonly lag: number };

/** Has so many members answer everything, each run in a group and with topics of its own. */
async function run(kind: 'bare' | 'saccade' | 'exactly-once', count: number): Promise<Found> {
  const [input, output] = [`in-${kind}-${count}`, `${kind}-${count}`];
  await topics.create([input, output, `dead-${output}`], PARTITIONS);
  const producer = await topics.producer();
  for (let n = 0; n < messages; n += 1000)
    await producer.send({ topic: input, messages: batchOf('scene', n, Math.min(1000, messages - n)) });
  const more = kind === 'saccade' && count === 1 ? ['probe'] : [];
  const args = [process.execPath, member, kind, broker.brokers.join(','), input, output, ...more];
  // The system ends the members when this process ends, however it ends.
  const processes = Array.from({ length: count }, () =>
    spawn('setpriv', ['--pdeathsig', 'KILL', ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const texts = processes.map(textOf);
  // The marks of transactions count as messages.
  const answered = () => (kind === 'exactly-once' ? topics.committed(input, `of-${output}`) : topics.count(output));
  await until('all answers', async () => (await answered()) >= messages);
  const lag = kind === 'saccade' ? await pace(producer, input, output) : Number.NaN;
  await producer.disconnect();
  await sleep(500);
  for (const process of processes) process.kill('SIGTERM');
  const found = await Promise.all(texts);
  return { told: found.map((text) => told.parse(JSON.parse(text))), lag };
}

/** Sends at a steady pace, late or not. @returns the most messages that were sent and not answered */
async function pace(producer: Producer, input: string, output: string): Promise<number> {
  let lag = 0;
  const { batch, batches, milliseconds } = PACED;
  const [start, sends] = [performance.now(), [] as Promise<unknown>[]];
  for (let n = 0; n < batches; n += 1) {
    await sleep(start + n * milliseconds - performance.now());
    sends.push(producer.send({ topic: input, messages: batchOf('paced', n * batch, batch) }));
    if (n % 10 === 9) lag = Math.max(lag, (await topics.count(input)) - (await topics.count(output)));
  }
  await Promise.all(sends);
  await until('all answers', async () => (await topics.count(output)) >= messages + batch * batches);
  return lag;
}

async function textOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  return text;
}

function throughput(found: Told | undefined): number {
  return found === undefined ? Number.NaN : found.count / found.seconds;
}

function row(what: string, { told: found, lag }: Found) {
  const count = found.reduce((sum, { count }) => sum + count, 0);
  const micros = found.reduce((sum, { count, microsPerMessage }) => sum + count * microsPerMessage, 0) / count;
  const seconds = Math.max(...found.map(({ seconds }) => seconds));
  const latencies = found.flatMap((one) => one.latencies).sort((a, b) => a - b);
  const latency = (share: number) => latencies[Math.floor(share * latencies.length)] ?? Number.NaN;
  return {
    what,
    members: found.length,
    'messages/s': Math.round(count / seconds),
    'µs of CPU a message': micros.toFixed(1),
    'messages of each': found.map((one) => one.count).join(', '),
    'at 2000/s: p50 ms': latency(0.5),
    'p99 ms': latency(0.99),
    'most lag': lag,
  };
}
