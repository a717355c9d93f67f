import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../test/setup/kafka-topics.ts';
import { type Disaster, expectThat, type Observed, rounded, type Scene } from './disaster.ts';
import { LANES, PARTITIONS, type Stage } from './stage.ts';

/** Disasters of Kafka: brokers that are killed, topics that are gone. */

const OUTAGE_SECONDS = 30;
const GONE_SECONDS = 20;
/** A broker forgets a topic's name before it stops taking records for it. */
const DYING_SECONDS = 2;

export const brokerKilled: Disaster = {
  row: 4,
  what: 'the broker is killed, and back after a while',
  members: 2,
  async play(stage, { kill, restart }) {
    const seen = { up: true, ready: false, back: 0, memory: 0 };
    const outage = async () => {
      // Warm, or what grows would be laid at the outage's door.
      await sleep(1000 * Math.min(30, stage.parts.messages / stage.parts.rate / 4));
      seen.memory = await memory(stage);
      await kill();
      await sleep(1000 * OUTAGE_SECONDS);
      for (const member of stage.members) {
        seen.up &&= member.isUp;
        seen.ready ||= await member.isReady();
      }
      await restart();
      const since = performance.now();
      await until('ready members', () => allReady(stage));
      seen.back = (performance.now() - since) / 1000;
    };
    await stage.feed(outage());
    await stage.settle();
    const growth = (await memory(stage)) / seen.memory - 1;
    return {
      repeats: 2 * LANES, // what the broker had taken and not told
      figures: { 'ready again s': rounded(seen.back), 'memory %': Math.round(100 * growth) },
      broken: [
        ...expectThat(seen.up, 'a member has ended'),
        ...expectThat(!seen.ready, 'a member said that it was ready without a broker'),
      ],
      late: [
        ...expectThat(seen.back <= 10, `ready only ${rounded(seen.back)} s after the broker was back`),
        ...expectThat(growth <= 0.1, `${Math.round(100 * growth)} % more memory`),
      ],
    };
  },
};

/** The second half of the row: a cluster of three, each killed in turn. */
export const eachBrokerKilled: Disaster = {
  row: 4.3,
  what: 'each of three brokers killed in turn',
  brokers: 3,
  members: 2,
  async play(stage, { kill, restart }) {
    const pauses: number[] = [];
    const outage = async () => {
      for (let node = 0; node < 3; node += 1) {
        await sleep(5000);
        await kill(node);
        pauses.push(await stage.progress());
        await restart(node);
        await sleep(5000);
      }
    };
    await stage.feed(outage());
    await stage.settle();
    const longest = Math.max(...pauses);
    const late = expectThat(longest <= 15, `a pause of ${rounded(longest)} s`);
    return { repeats: 6 * LANES, figures: { 'longest pause s': rounded(longest) }, late };
  },
};

export const topicsGone: Disaster = {
  row: 7,
  what: 'the output topic, then the dead-letter topic is gone',
  members: 2,
  async play(stage, scene) {
    const output = await goneWhile(stage, stage.output, scene, () => ({}));
    // Only now: what was answered before has gone with the topic.
    const deadLetters = await goneWhile(stage, stage.deadLetters, scene, () => ({ value: 'no JSON' }));
    return {
      figures: { ...output.figures, ...deadLetters.figures },
      broken: [...(output.broken ?? []), ...(deadLetters.broken ?? [])],
      late: [...(output.late ?? []), ...(deadLetters.late ?? [])],
    };
  },
};

type OrderOf = NonNullable<Parameters<Stage['feed']>[1]>;

/** A topic is deleted while it is empty: what had been answered before would be gone with it, and judged as lost. */
async function goneWhile(stage: Stage, topic: string, { messages, rate }: Scene, order: OrderOf): Promise<Observed> {
  const seconds = Math.min(GONE_SECONDS, Math.max(5, messages / rate / 4));
  await stage.topics.delete([topic]);
  await sleep(1000 * DYING_SECONDS);
  let acknowledged = 0;
  let said = false;
  let pause = 0;
  const gone = async () => {
    await sleep(2000);
    const before = await stage.committed();
    await sleep(1000 * (seconds - 2));
    acknowledged = (await stage.committed()) - before;
    const reasons = (await Promise.all([...stage.members].map((member) => member.reasons()))).flat();
    said = reasons.some((reason) => reason?.includes(topic));
    const since = performance.now();
    await stage.topics.create([topic], PARTITIONS);
    await until('the first record', async () => (await stage.topics.count(topic)) > 0);
    pause = (performance.now() - since) / 1000;
  };
  await stage.feed(gone(), order);
  await stage.settle();
  return {
    figures: { [`${topic} back s`]: rounded(pause) },
    broken: [
      ...expectThat(acknowledged === 0, `${acknowledged} acknowledged while ${topic} was gone`),
      ...expectThat(said, `/readyz said nothing of ${topic}`),
    ],
    late: expectThat(pause <= 5, `${topic} was back ${rounded(pause)} s before the first record`),
  };
}

async function allReady(stage: Stage): Promise<boolean> {
  return (await Promise.all([...stage.members].map((member) => member.isReady()))).every(Boolean);
}

async function memory(stage: Stage): Promise<number> {
  const bytes = await Promise.all([...stage.members].map((member) => member.metric('process_resident_memory_bytes')));
  return Math.max(...bytes);
}
