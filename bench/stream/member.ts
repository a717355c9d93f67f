/**
 * A member of the group for `bench:stream`, as a process: answers every message with an event until SIGTERM, then prints
 * what it cost as a line of JSON. `saccade` is the product with stages that do nothing, `exactly-once` the same with
 * transactions; `bare` is kafkajs and no more.
 *
 *     node member.js saccade|exactly-once|bare <brokers> <input topic> <output topic> [probe]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { keepHeapSteady } from '../../src/commands/keep-heap-steady.ts';
import { configSchema } from '../../src/config.ts';
import { classifyScenes } from '../../src/pipeline/classify-scenes.ts';
import { randomKey, uniforms } from '../../src/random.ts';
import { classificationEvent, eventRecord } from '../../src/sinks/classification-event.ts';
import { kafkaOutcomes } from '../../src/sinks/kafka-outcomes.ts';
import { KafkaTransactions } from '../../src/sinks/kafka-transactions.ts';
import { metrics } from '../../src/sinks/metrics.ts';
import { kafkaMessages } from '../../src/sources/messages/kafka/kafka-messages.ts';
import { parseScene } from '../../src/sources/messages/scene-message.ts';
import { classification } from '../../test/fakes/classification.ts';
import { noOpParts, noOpSettings } from './no-op-parts.ts';

const [kind = '', brokerList = '', inputTopic = '', outputTopic = '', probe] = process.argv.slice(2);
const brokers = brokerList.split(',');
const group = `of-${outputTopic}`;
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const stopped = new Promise((resolve) => stop.signal.addEventListener('abort', resolve));

/** What was answered between the first and the last answer, and what it cost. */
class Cost {
  count = 0;
  #first: { at: number; cpu: NodeJS.CpuUsage } | undefined;
  #last = { at: 0, cpu: process.cpuUsage() };

  answered(count: number): void {
    this.count += count;
    this.#first ??= { at: performance.now(), cpu: process.cpuUsage() };
    if (Math.floor(this.count / 1000) > Math.floor((this.count - count) / 1000))
      this.#last = { at: performance.now(), cpu: process.cpuUsage(this.#first.cpu) };
  }

  /** Of whole thousands. */
  tell(more: object): void {
    const counted = Math.floor(this.count / 1000) * 1000;
    const seconds = (this.#last.at - (this.#first?.at ?? 0)) / 1000;
    const micros = (this.#last.cpu.user + this.#last.cpu.system) / Math.max(1, counted);
    console.log(JSON.stringify({ count: counted, seconds, microsPerMessage: micros, ...more }));
  }
}

const cost = new Cost();
/** Of messages that came at a steady pace, in milliseconds from being put into the topic to their event being safe. */
const latencies: number[] = [];
if (kind === 'bare') await bare();
else await saccade();

/** The same event, made once, so that its making is not counted. */
async function bare(): Promise<void> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 200, maxBytesPerPartition: 262_144 });
  const event = eventRecord(classificationEvent(classification, { source: 'bench', anyResolution: true }));
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [inputTopic], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 64,
    eachBatch: async ({ batch }) => {
      await producer.send({
        topic: outputTopic,
        acks: -1,
        messages: batch.messages.map(({ key }) => ({ ...event, key })),
      });
      cost.answered(batch.messages.length);
    },
  });
  await stopped;
  const idle = await idleShare();
  await consumer.disconnect();
  await producer.disconnect();
  cost.tell({ idle });
}

async function saccade(): Promise<void> {
  const config = configSchema.parse({
    kafka: { brokers, group, inputTopic, outputTopic, deadLetterTopic: `dead-${outputTopic}`, prefetch: 128 },
  });
  const ends = { ...config.kafka, source: 'bench', anyResolution: true, version: '0' };
  const start = { log() {}, signal: new AbortController().signal };
  const transactions = kind === 'exactly-once' ? new KafkaTransactions({ ...config.kafka, log() {} }) : undefined;
  const [outcomes, messages] = await Promise.all([
    kafkaOutcomes({ ...ends, ...(transactions && { transactions }) }, start),
    kafkaMessages({ ...config.kafka, ...(transactions && { fence: transactions }) }, start),
  ]);
  keepHeapSteady(); // as the service does
  const { manifest, sha256 } = noOpParts.model;
  const watching = watch(messages, stop.signal);
  const measured = metrics({
    version: '0',
    model: { name: manifest.name, version: manifest.version, sha256 },
    backend: 'cpu',
    device: { kind: 'cpu', name: 'none' },
    classes: manifest.classes,
    usage: () => ({ tensors: 0, tensorBytes: 0, gpuBytes: undefined }),
    kafka: () => messages.figures(),
    reads: () => ({ headerHits: 0, headerMisses: 0, retries: 0 }),
    hostsDown: () => 0,
  });
  const observe = {
    ...measured,
    looked() {},
    bug: (error: unknown) => console.error(error),
    retrying() {},
    sent(...sent: Parameters<typeof measured.sent>) {
      measured.sent(...sent);
      const { key, kafka } = sent[0].message;
      if (key?.toString().startsWith('paced')) latencies.push(Date.now() - (kafka?.timestamp ?? 0));
      else cost.answered(1);
    },
  };
  const random = uniforms(randomKey('bench'));
  const parse = (message: Parameters<typeof parseScene>[0]) => parseScene(message, config.scenes);
  const done = new Promise<void>((resolve, reject) => {
    classifyScenes({ ...noOpParts, deliveries: messages, parse, outcomes, observe, random }, noOpSettings).subscribe({
      complete: resolve,
      error: reject,
    });
  });
  await Promise.race([stopped, done]);
  const probes = probe
    ? {
        idle: await idleShare(),
        resume: await resumeMilliseconds(messages),
        scrape: await scrapeMilliseconds(() => measured.text()),
      }
    : {};
  messages.end();
  await done;
  await messages.close();
  await outcomes.close();
  cost.tell({ heartbeatGap: await watching, latencies, ...probes });
}

/** The longest time between two heartbeats, in seconds, until the signal. */
async function watch(messages: { figures(): { lastHeartbeat: number } }, signal: AbortSignal): Promise<number> {
  let [last, gap] = [messages.figures().lastHeartbeat, 0];
  while (!signal.aborted) {
    await sleep(1000); // they come every three
    const { lastHeartbeat } = messages.figures();
    gap = Math.max(gap, lastHeartbeat - last);
    last = lastHeartbeat;
  }
  return gap;
}

/** Share of a core that is used while there is nothing to do, once V8 has put away what the work has left behind. */
async function idleShare(): Promise<number> {
  await sleep(20_000);
  const [before, since] = [process.cpuUsage(), performance.now()];
  await sleep(20_000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - since);
}

/** From the end of a pause to the first message, the worst of five. */
async function resumeMilliseconds(messages: Awaited<ReturnType<typeof kafkaMessages>>): Promise<number> {
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  let worst = 0;
  for (let n = 0; n < 5; n += 1) {
    messages.hold(true);
    await sleep(400 + 37 * n); // a fetch that was under way has come back
    await producer.send({ topic: inputTopic, messages: [{ value: '{"href":"nothing:/late"}' }] });
    const before = cost.count;
    messages.hold(false);
    const since = performance.now();
    while (cost.count === before) await sleep(1);
    worst = Math.max(worst, performance.now() - since);
  }
  await producer.disconnect();
  return worst;
}

async function scrapeMilliseconds(scrape: () => Promise<string>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const since = performance.now();
    await scrape();
    times.push(performance.now() - since);
  }
  return times.toSorted((a, b) => a - b)[10] ?? Number.NaN;
}
