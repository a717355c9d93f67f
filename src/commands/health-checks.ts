import type { Outcomes } from '../sinks/outcomes.ts';
import type { KafkaHealth } from '../sources/messages/kafka/kafka-messages.ts';

export type HealthParts = {
  /** Undefined without Kafka. */
  readonly kafka: (() => KafkaHealth) | undefined;
  readonly outcomes: Pick<Outcomes, 'trouble'>;
  readonly sessionSeconds: number;
  /** Aborted once the service is being stopped. */
  readonly signal: AbortSignal;
};

/** kafkajs waits up to 30 s for an answer, and a few seconds between two tries. */
const LEAST_SECONDS = 60;

/**
 * Decides when the service is worth keeping alive and when it works, and says why not. It is worth ending only when a new
 * process would do better: brokers that do not answer are no reason, a consumer that no longer tries to reach them is.
 * Whoever asks is answered by the main thread, so an answer is proof that its event loop lives; the port opens once the
 * model has been loaded.
 */
export function healthChecks({ kafka, outcomes, sessionSeconds, signal }: HealthParts) {
  let started = kafka === undefined;
  const unheard = () => {
    const seconds = kafka?.().secondsSinceHeartbeat ?? 0;
    return seconds > sessionSeconds ? [`the consumer group has not answered for ${Math.round(seconds)} s`] : [];
  };
  const lifeless = () => {
    const seconds = kafka?.().secondsSinceSign ?? 0;
    const longest = Math.max(LEAST_SECONDS, 2 * sessionSeconds);
    return seconds > longest ? [`the Kafka consumer has done nothing for ${Math.round(seconds)} s`] : [];
  };
  const stopped = () => (kafka?.().stopped ? ['the Kafka consumer has stopped for good'] : []);
  const apart = () => (kafka?.().joined === false ? ['the consumer group is not joined'] : []);
  const stuck = () => outcomes.trouble() ?? [];
  const draining = () => (signal.aborted ? ['stopping: begun scenes are being finished'] : []);
  /** Noticed whatever is asked for: the group may be left again by the time that somebody asks for the start. */
  const noticing =
    (reasons: () => string[]): (() => string[]) =>
    () => {
      started ||= apart().length === 0;
      return reasons();
    };
  return {
    live: noticing(() => [...stopped(), ...lifeless()]),
    ready: noticing(() => [stopped(), apart(), unheard(), stuck(), draining()].flat()),
    /** Once the group has been joined, a start is over for good. */
    started: noticing(() => (started ? [] : ['the consumer group has not been joined yet'])),
  };
}
