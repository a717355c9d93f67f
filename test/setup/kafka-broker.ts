import { execFile, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { kafkaJars } from './parts.ts';

export type KafkaBroker = {
  /** For `brokers` of a Kafka client. */
  readonly brokers: string[];
  /** Stops it in the middle of whatever it does, connections open, until it is woken: an outage that passes. */
  pause(): void;
  wake(): void;
  /** Ends the broker and throws its data away. */
  stop(): Promise<void>;
};

const START_SECONDS = 90;
// Starts sooner with the quick compiler; neither speed nor memory matter to tests.
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', join(kafkaJars, '*')];

/**
 * A real Apache Kafka of one node, on free ports of loopback and with data of its own; topics are made by the test.
 * @throws {Error} with the end of the broker's log, if it does not take connections in time
 */
export async function startKafka(): Promise<KafkaBroker> {
  const [client, controller] = await Promise.all([freePort(), freePort()]);
  const folder = await mkdtemp(join(tmpdir(), 'saccade-kafka-'));
  const properties = join(folder, 'server.properties');
  const logging = join(folder, 'log4j2.properties');
  await writeFile(properties, serverProperties(client, controller, join(folder, 'data')));
  await writeFile(logging, LOG4J2);
  const java = [`-Dlog4j2.configurationFile=${logging}`, ...JVM];
  const cluster = 'MkU3OEVBNTcwNTJENDM2Qk';
  await promisify(execFile)('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', properties]);

  const log = join(folder, 'broker.log');
  const descriptor = openSync(log, 'a');
  // The system kills the broker when this process ends, however it ends.
  const broker = spawn('setpriv', ['--pdeathsig', 'KILL', 'java', ...java, 'kafka.Kafka', properties], {
    stdio: ['ignore', descriptor, descriptor],
  });
  const ended = new Promise<void>((resolve) => broker.on('close', () => resolve()).on('error', () => resolve()));
  const stop = async () => {
    broker.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.race([takesConnections(client), ended.then(() => Promise.reject(new Error('it ended')))]);
  } catch (error) {
    const lines = (await readFile(log, 'utf8')).trim().split('\n').slice(-5);
    await stop();
    throw new Error(`the Kafka broker did not start: ${lines.join('\n')}`, { cause: error });
  }
  return {
    brokers: [`127.0.0.1:${client}`],
    pause: () => void broker.kill('SIGSTOP'),
    wake: () => void broker.kill('SIGCONT'),
    stop,
  };
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

function serverProperties(client: number, controller: number, data: string): string {
  return `
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${client}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.voters=1@127.0.0.1:${controller}
log.dirs=${data}
default.replication.factor=1
min.insync.replicas=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
`;
}

const LOG4J2 = `
status=error
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%p %c{1}: %m%n
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
`;
