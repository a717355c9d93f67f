import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { kafkaJars } from './kafka-jars.ts';

export type KafkaBroker = {
  /** For `brokers` of a Kafka client. */
  readonly brokers: string[];
  /** Stops it in the middle of whatever it does, connections open, until it is woken: an outage that passes. */
  pause(): void;
  wake(): void;
  /** Ends the process of a node at once (kill -9), and keeps its data. */
  kill(node?: number): Promise<void>;
  /** Starts that node again, with its data; resolves once it takes connections. */
  restart(node?: number): Promise<void>;
  /** Ends the broker and throws its data away. */
  stop(): Promise<void>;
};

const START_SECONDS = 90;
// Starts sooner with the quick compiler; neither speed nor memory matter to tests.
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', join(kafkaJars, '*')];

/**
 * A real Apache Kafka, on free ports of loopback and with data of its own; topics are made by the test.
 * @param nodes each a broker and a controller; with three, everything is kept by three and needs two
 * @param options.crashes nodes will be killed: those left notice it within two seconds, and a restart is as quick
 * @throws {Error} with the end of a broker's log, if it does not take connections in time
 */
export async function startKafka(nodes = 1, options: { readonly crashes?: boolean } = {}): Promise<KafkaBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-kafka-'));
  const ports = await Promise.all(
    Array.from({ length: nodes }, async () => ({ client: await freePort(), controller: await freePort() })),
  );
  const logging = join(folder, 'log4j2.properties');
  await writeFile(logging, LOG4J2);
  const java = [`-Dlog4j2.configurationFile=${logging}`, ...JVM];
  const members = ports.map((_, n) => new Node(n, ports, { folder, java, crashes: options.crashes ?? false }));
  const all = (act: (node: Node) => Promise<void>) => Promise.all(members.map(act));
  const node = (n: number) => members[n] ?? Promise.reject(new Error(`there is no node ${n}`));
  const stop = async () => {
    await all((node) => node.kill());
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await all((node) => node.format());
    await all((node) => node.start());
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    brokers: ports.map(({ client }) => `127.0.0.1:${client}`),
    pause: () => members.forEach((node) => void node.signal('SIGSTOP')),
    wake: () => members.forEach((node) => void node.signal('SIGCONT')),
    kill: async (n = 0) => (await node(n)).kill(),
    restart: async (n = 0) => (await node(n)).start(),
    stop,
  };
}

type Ports = { readonly client: number; readonly controller: number };
type Place = { readonly folder: string; readonly java: readonly string[]; readonly crashes: boolean };

class Node {
  readonly #n: number;
  readonly #ports: readonly Ports[];
  readonly #place: Place;
  readonly #properties: string;
  #process: ChildProcess | undefined;
  #ended = Promise.resolve();

  constructor(n: number, ports: readonly Ports[], place: Place) {
    this.#n = n;
    this.#ports = ports;
    this.#place = place;
    this.#properties = join(place.folder, `server-${n}.properties`);
  }

  async format(): Promise<void> {
    const { folder, java, crashes } = this.#place;
    const properties = serverProperties(this.#n, this.#ports, join(folder, `data-${this.#n}`));
    await writeFile(this.#properties, crashes ? properties + SHORT_SESSION : properties);
    const cluster = ['-t', 'MkU3OEVBNTcwNTJENDM2Qk', '-c', this.#properties];
    await promisify(execFile)('java', [...java, 'kafka.tools.StorageTool', 'format', ...cluster]);
  }

  async start(): Promise<void> {
    const log = join(this.#place.folder, `broker-${this.#n}.log`);
    const descriptor = openSync(log, 'a');
    // The system kills the broker when this process ends, however it ends.
    const command = ['--pdeathsig', 'KILL', 'java', ...this.#place.java, 'kafka.Kafka', this.#properties];
    const broker = spawn('setpriv', command, { stdio: ['ignore', descriptor, descriptor] });
    this.#process = broker;
    this.#ended = new Promise<void>((resolve) => broker.on('close', () => resolve()).on('error', () => resolve()));
    const early = this.#ended.then(() => Promise.reject(new Error('it ended')));
    try {
      await Promise.race([takesConnections(this.#ports[this.#n]?.client ?? 0), early]);
    } catch (error) {
      const lines = (await readFile(log, 'utf8')).trim().split('\n').slice(-5);
      throw new Error(`the Kafka broker did not start: ${lines.join('\n')}`, { cause: error });
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#ended;
  }
}

async function takesConnections(port: number): Promise<void> {
  for (const deadline = performance.now() + START_SECONDS * 1000; performance.now() < deadline; await sleep(100)) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (connected) return;
  }
  throw new Error(`no connection in ${START_SECONDS} s`);
}

function serverProperties(n: number, ports: readonly Ports[], data: string): string {
  const { client = 0, controller = 0 } = ports[n] ?? {};
  const copies = ports.length;
  const enough = Math.min(2, copies);
  return `
process.roles=broker,controller
node.id=${n + 1}
listeners=PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${client}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.voters=${ports.map((other, m) => `${m + 1}@127.0.0.1:${other.controller}`).join(',')}
log.dirs=${data}
# Tests send messages of 2024; 30 s after its start a broker would look for what is older than a week, and delete it.
log.retention.ms=-1
default.replication.factor=${copies}
min.insync.replicas=${enough}
offsets.topic.num.partitions=1
offsets.topic.replication.factor=${copies}
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=${copies}
transaction.state.log.min.isr=${enough}
share.coordinator.state.topic.replication.factor=${copies}
share.coordinator.state.topic.min.isr=${enough}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
`;
}

const SHORT_SESSION = `
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
`;

const LOG4J2 = `
status=error
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%p %c{1}: %m%n
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
`;
