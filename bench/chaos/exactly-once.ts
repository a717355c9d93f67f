import { brokerKilled, eachBrokerKilled } from './brokers-and-topics.ts';
import type { Disaster } from './disaster.ts';
import { frozen, killed, rolling } from './members-come-and-go.ts';

/**
 * The disasters of rows 1, 2, 4 and 8 on members that commit outcomes and offsets together. Topics are read by a consumer
 * that sees what is committed, as all of these rows are: it must see each event once. All offsets are committed at the
 * end, so one without its event would be a message that is lost.
 */
const ROWS = new Map([
  [11, killed],
  [11.2, rolling],
  [11.4, brokerKilled],
  [11.43, eachBrokerKilled],
  [11.8, frozen],
]);

export const exactlyOnce: readonly Disaster[] = [...ROWS].map(([row, disaster]) => ({
  ...disaster,
  row,
  what: `exactly once: ${disaster.what}`,
  settings: { ...disaster.settings, SACCADE_KAFKA_DELIVERY: 'exactly-once' },
  play: async (stage, scene) => ({ ...(await disaster.play(stage, scene)), repeats: 0 }),
}));
