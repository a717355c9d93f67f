import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from './errors.ts';
import { kafkaClientOptions, type LogKafka } from './kafka.ts';
import { unlessAborted } from './unless-aborted.ts';
import { within } from './within.ts';

/** What of an admin of kafkajs is needed here. */
type Admin = { connect(): Promise<void>; disconnect(): Promise<void>; listTopics(): Promise<string[]> };
type ClientOptions = Omit<ReturnType<typeof kafkaClientOptions>, 'retry'> & {
  readonly retry: { readonly retries: number; readonly initialRetryTime: number };
  readonly requestTimeout: number;
};
type AdminOf = (options: ClientOptions) => Admin;

export type FirstContact = {
  readonly brokers: readonly string[];
  /** Until then brokers that do not answer are asked again: they may be starting beside us. */
  readonly connectSeconds: number;
  /** Whether they are asked only once; an answer may still take as long as that. */
  readonly once?: boolean;
  readonly log: LogKafka;
  readonly signal: AbortSignal;
};

const PAUSE_MILLISECONDS = 250;

/**
 * The first word with the brokers: whether one answers, and whether they have the topics, which are never made by the
 * way: a misspelt name would become one. kafkajs itself would try for half a minute, with a log line for each try.
 * @param topics by the setting that names them
 * @throws {UsageError} naming every topic that does not exist; another error when no broker answers; the signal's reason
 */
export async function requireTopics(
  adminOf: AdminOf,
  topics: Readonly<Record<string, string>>,
  { brokers, connectSeconds, once = false, log, signal }: FirstContact,
): Promise<void> {
  const end = performance.now() + 1000 * connectSeconds;
  for (let tries = 1; ; tries += 1) {
    const seconds = (end - performance.now()) / 1000;
    const answer = await ask(adminOf, brokers, { seconds, signal });
    if (answer instanceof Set) return refuseMissing(topics, answer);
    const over = once || performance.now() + PAUSE_MILLISECONDS >= end;
    const since = tries > 1 ? ` for ${connectSeconds} s` : '';
    if (over) throw new Error(`kafka.brokers: no answer from ${brokers.join(', ')}${since}: ${answer}`);
    if (tries === 1) log('warn', `no Kafka broker answers, trying for ${connectSeconds} s: ${answer}`, { brokers });
    await unlessAborted(signal, sleep(PAUSE_MILLISECONDS));
  }
}

type Patience = { readonly seconds: number; readonly signal: AbortSignal };

/**
 * Asks all brokers at once, so that one that hangs does not stand before one that answers.
 * @returns the topics that there are, or why no broker told them
 */
async function ask(adminOf: AdminOf, brokers: readonly string[], patience: Patience): Promise<Set<string> | string> {
  try {
    return new Set(await Promise.any(brokers.map((broker) => askOne(adminOf, broker, patience))));
  } catch (error) {
    patience.signal.throwIfAborted();
    const reasons = error instanceof AggregateError ? error.errors : [error];
    return [...new Set(reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason))))].join(
      '; ',
    );
  }
}

async function askOne(adminOf: AdminOf, broker: string, { seconds, signal }: Patience): Promise<string[]> {
  const requestTimeout = Math.ceil(1000 * seconds); // what is abandoned ends by itself
  const retry = { retries: 0, initialRetryTime: 1 };
  const admin = adminOf({ ...kafkaClientOptions([broker], () => {}), retry, requestTimeout });
  const asking = admin.connect().then(() => admin.listTopics());
  try {
    return await unlessAborted(signal, within(seconds, asking, `an answer of ${broker}`));
  } finally {
    const leave = () => admin.disconnect();
    asking.then(leave, leave).catch(() => {});
  }
}

function refuseMissing(topics: Readonly<Record<string, string>>, existing: ReadonlySet<string>): void {
  const missing = Object.entries(topics).filter(([, topic]) => !existing.has(topic));
  if (missing.length === 0) return;
  throw new UsageError(
    missing.map(([setting, topic]) => `${setting}: Kafka has no topic ${topic}; make it, or name another`),
  );
}
