import type { Outcomes } from '../sinks/outcomes.ts';
import type { KafkaHealth } from '../sources/messages/kafka-messages.ts';

export type HealthParts = {
  /** Undefined without Kafka. */
  readonly kafka: (() => KafkaHealth) | undefined;
  readonly outcomes: Pick<Outcomes, 'trouble'>;
  readonly sessionSeconds: number;
  /** Aborted once the service is being stopped. */
  readonly signal: AbortSignal;
};

/**
 * Decides when the service is worth keeping alive and when it works, and says why not. Whoever asks is answered by the
 * main thread, so an answer is proof that its event loop lives; the port opens once the model has been loaded.
 */
export function healthChecks({ kafka, outcomes, sessionSeconds, signal }: HealthParts) {
  const silentFor = (sessions: number) => {
    const seconds = kafka?.().secondsSinceHeartbeat ?? 0;
    const silent = seconds > sessions * sessionSeconds;
    return silent ? [`the consumer group has not answered for ${Math.round(seconds)} s`] : [];
  };
  const stopped = () => (kafka?.().stopped ? ['the Kafka consumer has stopped for good'] : []);
  const apart = () => (kafka?.().joined === false ? ['the consumer group is not joined'] : []);
  const stuck = () => outcomes.trouble() ?? [];
  const draining = () => (signal.aborted ? ['stopping: begun scenes are being finished'] : []);
  return {
    /** Twice the session: the group has moved on by then, and a new process would do better. */
    live: () => [...stopped(), ...silentFor(2)],
    ready: () => [stopped(), apart(), silentFor(1), stuck(), draining()].flat(),
  };
}
