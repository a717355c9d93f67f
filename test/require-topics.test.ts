import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Kafka, type KafkaConfig } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UsageError } from '../src/errors.ts';
import { type FirstContact, requireTopics } from '../src/require-topics.ts';
import { freePort } from './setup/free-port.ts';

describe('requireTopics', () => {
  const lines: unknown[] = [];
  const { signal } = new AbortController();
  const contact: FirstContact = {
    brokers: ['a:1'],
    connectSeconds: 60,
    log: (level, message) => lines.push([level, message]),
    signal,
  };
  /** Real clients: what they do with a broker that is not there is the question. */
  const kafkajs = (options: KafkaConfig) => new Kafka(options).admin();

  /** Brokers that have one topic, once they have failed so often. */
  class Brokers {
    connected = 0;
    #failures: number;

    constructor(failures = 0) {
      this.#failures = failures;
    }

    async connect() {
      if (this.#failures-- > 0) throw new Error('starting');
      this.connected += 1;
    }
    async disconnect() {
      this.connected -= 1;
    }
    async listTopics() {
      return ['scenes'];
    }
  }

  it('names every topic that is missing, with its setting, and disconnects', async () => {
    const brokers = new Brokers();
    await requireTopics(() => brokers, { 'kafka.inputTopic': 'scenes' }, contact);
    const mistakes = [
      'a: Kafka has no topic x; make it, or name another',
      'b: Kafka has no topic y; make it, or name another',
    ];
    const refused = requireTopics(() => brokers, { a: 'x', ok: 'scenes', b: 'y' }, contact);
    await expect(refused).rejects.toThrow(new UsageError(mistakes));
    expect(brokers.connected).toBe(0);
  });

  it('waits for brokers that are starting, and says so in one line', async () => {
    lines.length = 0;
    await requireTopics(() => new Brokers(0), {}, contact);
    const brokers = new Brokers(2);
    await requireTopics(() => brokers, {}, contact);
    expect(lines).toEqual([['warn', 'no Kafka broker answers, trying for 60 s: starting']]);
  });

  it('gives up after a while, or at once where it is to ask only once, and names the brokers and the reason', async () => {
    const brokers = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const failing = (more: object) => requireTopics(kafkajs, {}, { ...contact, brokers, ...more });
    await expect(failing({ connectSeconds: 2 })).rejects.toThrow(
      /^kafka\.brokers: no answer from 127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+ for 2 s: .*ECONNREFUSED \S+; .*ECONNREFUSED/,
    );
    await expect(failing({ once: true })).rejects.toThrow(/^kafka\.brokers: no answer from \S+, \S+: .*ECONNREFUSED/);
  });

  it('is content with one of several brokers that answers, whatever the others do', async () => {
    const never = () => new Promise<never>(() => {});
    const hung = { connect: never, disconnect: never, listTopics: never };
    const adminOf = ({ brokers: [broker] }: { brokers: string[] }) =>
      broker === 'a:1' ? hung : broker === 'b:2' ? new Brokers(1) : new Brokers();
    await requireTopics(adminOf, { a: 'scenes' }, { ...contact, brokers: ['a:1', 'b:2', 'c:3'], once: true });
  });

  it('waits no longer for a broker that never answers than it may, nor once it is told to stop', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped by SIGINT');
    let told = () => {};
    const server = createServer((socket) => socket.on('data', () => told()));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const brokers = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
    const late = requireTopics(kafkajs, {}, { ...contact, brokers, connectSeconds: 0.2 });
    await expect(late).rejects.toThrow(/no answer from \S+: an answer of \S+ took longer than 0\.2 s/);
    told = () => stop.abort(reason);
    await expect(requireTopics(kafkajs, {}, { ...contact, brokers, signal: stop.signal })).rejects.toBe(reason);
  });
});
