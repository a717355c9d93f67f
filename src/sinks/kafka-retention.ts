import kafkajs, { Kafka } from 'kafkajs';
import { kafkaClientOptions, type LogKafka } from '../kafka.ts';
import { within } from '../within.ts';

/** Node.js finds no names in kafkajs for what is made when it is loaded. */
const { ConfigResourceTypes } = kafkajs;

const HOUR_MS = 3_600_000;
/** Nobody waits longer for a warning. */
const MOST_SECONDS = 5;

/**
 * Warns where dead letters may vanish: they keep their messages' timestamps, and brokers delete by those, so that the
 * dead letter of a message older than its topic's `retention.ms` is gone within minutes. Says nothing where the brokers
 * do not tell, as where reading a topic's settings is not allowed.
 */
export async function warnOfRetention(
  brokers: readonly string[],
  topic: string,
  { log, setting }: { readonly log: LogKafka; readonly setting: string },
): Promise<void> {
  const admin = new Kafka({ ...kafkaClientOptions(brokers, () => {}), retry: { retries: 0 } }).admin();
  const asking = admin.connect().then(() => settingsOf(admin, topic));
  try {
    const settings = await within(MOST_SECONDS, asking, `the settings of ${topic}`);
    const keptMs = Number(settings.get('retention.ms') ?? -1);
    const byMessage = settings.get('message.timestamp.type') !== 'LogAppendTime';
    if (keptMs < 0 || !byMessage || settings.get('cleanup.policy') === 'compact') return;
    const kept = `${topic} (${setting}) keeps records for ${Math.round(keptMs / HOUR_MS)} h from their messages' time`;
    log('warn', `${kept}: dead letters of older messages vanish; set its retention.ms to -1`, { topic });
  } catch (error) {
    log('debug', `${topic} (${setting}) does not tell how long it keeps records: ${error}`, { topic });
  } finally {
    const leave = () => admin.disconnect();
    asking.then(leave, leave).catch(() => {});
  }
}

async function settingsOf(admin: ReturnType<Kafka['admin']>, topic: string): Promise<Map<string, string>> {
  const configNames = ['retention.ms', 'message.timestamp.type', 'cleanup.policy'];
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames }];
  const { resources: told } = await admin.describeConfigs({ includeSynonyms: false, resources });
  return new Map(told[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
}
