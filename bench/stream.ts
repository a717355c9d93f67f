/**
 * What the stream itself costs: members whose stages do nothing answer every message of a topic with an event, on a real
 * broker. Against plain kafkajs that does the same consume and produce in the same run, then with one to four members.
 * Also the longest time between two heartbeats, what an idle member uses, how soon it goes on after a pause, and what a
 * scrape of its metrics takes.
 *
 *     npm run bench:stream -- [messages, 60000]
 *
 * It needs Kafka (`ops/setup/kafka.sh`). Broker, members and this program share the machine's cores.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { startKafka } from '../test/setup/kafka-broker.ts';
import { KafkaTopics, until } from '../test/setup/kafka-topics.ts';

const PARTITIONS = 8;
const told = z.object({
  count: z.number(),
  seconds: z.number(),
  microsPerMessage: z.number(),
  idle: z.number().optional(),
  heartbeatGap: z.number().optional(),
  resume: z.number().optional(),
  scrape: z.number().optional(),
});
type Told = z.infer<typeof told>;

const messages = Number(process.argv[2] ?? 60_000);
const member = fileURLToPath(new URL('./stream/member.js', import.meta.url));
const broker = await startKafka();
const topics = new KafkaTopics(broker.brokers);
try {
  await topics.create(['in'], PARTITIONS);
  await fill();
  const rows = [];
  const bare = await run('bare', 1);
  rows.push(row('kafkajs alone', 1, bare));
  console.error(JSON.stringify(rows.at(-1)));
  let first: Told | undefined;
  for (let members = 1; members <= 4; members += 1) {
    const found = await run('saccade', members);
    first ??= found[0];
    rows.push(row('saccade', members, found));
    console.error(JSON.stringify(rows.at(-1)));
  }
  console.log(`${messages} messages, ${PARTITIONS} partitions, one broker, ${availableParallelism()} cores`);
  console.table(rows);
  const share = throughput(first) / throughput(bare[0]);
  console.log(`one member: ${share.toFixed(2)} of the throughput of kafkajs alone (wanted: 0.60 or more)`);
  console.log(
    `longest time between heartbeats ${first?.heartbeatGap?.toFixed(1)} s (wanted: below 10 of a session of 30)`,
  );
  console.log(`goes on ${first?.resume?.toFixed(0)} ms after a pause, the worst of five (wanted: 300 or less)`);
  console.log(`idle ${(100 * (first?.idle ?? Number.NaN)).toFixed(2)} % of a core (wanted: 1 or less)`);
  console.log(`a scrape ${first?.scrape?.toFixed(1)} ms, the median of 20 (wanted: 10 or less)`);
} finally {
  await broker.stop();
}

async function fill(): Promise<void> {
  const producer = await topics.producer();
  for (let n = 0; n < messages; n += 1000) {
    const batch = Array.from({ length: 1000 }, (_, i) => {
      const id = `scene-${n + i}`;
      return {
        key: id,
        value: JSON.stringify({ href: `https://example.com/${id}.tif`, id }),
        partition: i % PARTITIONS,
      };
    });
    await producer.send({ topic: 'in', messages: batch });
  }
  await producer.disconnect();
}

/** Has so many members answer everything, each run in a group and with an output of its own. */
async function run(kind: 'bare' | 'saccade', count: number): Promise<Told[]> {
  const output = `${kind}-${count}`;
  await topics.create([output, `dead-${output}`], PARTITIONS);
  const more = count === 1 ? ['probe'] : [];
  const args = [process.execPath, member, kind, broker.brokers.join(','), 'in', output, ...more];
  // The system ends the members when this process ends, however it ends.
  const processes = Array.from({ length: count }, () =>
    spawn('setpriv', ['--pdeathsig', 'KILL', ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const texts = processes.map(textOf);
  await until('all answers', async () => (await topics.count(output)) >= messages);
  await sleep(500);
  for (const process of processes) process.kill('SIGTERM');
  const found = await Promise.all(texts);
  return found.map((text) => told.parse(JSON.parse(text)));
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

function row(what: string, members: number, found: readonly Told[]) {
  const count = found.reduce((sum, { count }) => sum + count, 0);
  const micros = found.reduce((sum, { count, microsPerMessage }) => sum + count * microsPerMessage, 0) / count;
  const seconds = Math.max(...found.map(({ seconds }) => seconds));
  return {
    what,
    members,
    'messages/s': Math.round(count / seconds),
    'µs of CPU a message': micros.toFixed(1),
    'messages of each': found.map((one) => one.count).join(', '),
  };
}
