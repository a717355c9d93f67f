/** What the Kafka source and the Kafka sink have in common; of the library itself each uses its own half. */

export type LogKafka = (level: 'error' | 'warn' | 'info' | 'debug', message: string, details: object) => void;

/**
 * A broker that comes back, or takes over from another, is found within a second: while it is looked for there are no
 * heartbeats, and the group of a short session gives us up. Whoever waits for one has a deadline of its own.
 */
export const kafkaRetry = { initialRetryTime: 300, retries: 25, maxRetryTime: 1000 } as const;

/** Options of a client. Its lines go to our own log. */
export function kafkaClientOptions(brokers: readonly string[], log: LogKafka) {
  return {
    clientId: 'saccade',
    brokers: [...brokers],
    retry: kafkaRetry,
    // What kafkajs calls news, each pause for one, is a detail here.
    logCreator: () => (entry: { label: string; log: { message: string; timestamp?: unknown; logger?: unknown } }) => {
      const { message, timestamp: _time, logger: _name, ...details } = entry.log;
      log(
        entry.label === 'ERROR' ? 'error' : entry.label === 'WARN' ? 'warn' : 'debug',
        `kafkajs: ${message}`,
        details,
      );
    },
  };
}

/** The protocol's name of an error, such as MESSAGE_TOO_LARGE; kafkajs wraps it in errors of its own that lack it. */
export function kafkaErrorType(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'type' in error && typeof error.type === 'string' ? error.type : kafkaErrorType(error.cause);
}
