import { brokerKilled, eachBrokerKilled } from './brokers-and-topics.ts';
import type { Disaster } from './disaster.ts';
import { frozen, killed, rolling } from './members-come-and-go.ts';

/**
 * The disasters of rows 1, 2, 4 and 8 on members that commit outcomes and offsets together. Topics are read by a consumer
 * that sees what is committed, as all of these rows are: it must see each event once. All offsets are committed at the
 * end, so one without its event would be a message that is lost.
 */
export const exactlyOnce: readonly Disaster[] = [killed, rolling, brokerKilled, eachBrokerKilled, frozen].map(
  (disaster) => ({
    ...disaster,
    row: 11,
    what: `exactly once: ${disaster.what}`,
    settings: { ...disaster.settings, SACCADE_KAFKA_DELIVERY: 'exactly-once' },
    play: async (stage, scene) => ({ ...(await disaster.play(stage, scene)), repeats: 0 }),
  }),
);
