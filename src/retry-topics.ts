/** A topic for messages whose failure may pass, and how long they wait there. */
export type RetryTopic = { readonly topic: string; readonly seconds: number };

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** An entry of the setting: a delay such as `10m`, or `topic=10m`. */
export const RETRY_TOPIC = /^(?:([a-zA-Z0-9._-]{1,249})=)?(([1-9]\d{0,4})([smh]))$/;

/** The retry topics that a setting names: `scenes.retry.10m` for a delay alone, where the input topic is `scenes`. */
export function retryTopics(inputTopic: string, entries: readonly string[]): RetryTopic[] {
  return entries.flatMap((entry) => {
    const [, name, delay, count, unit = ''] = RETRY_TOPIC.exec(entry) ?? [];
    if (delay === undefined) return [];
    return [{ topic: name ?? `${inputTopic}.retry.${delay}`, seconds: Number(count) * (UNITS[unit] ?? 0) }];
  });
}
