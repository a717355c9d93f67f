import { createRequire } from 'node:module';

/** What is used of the member of a group that kafkajs keeps. */
type ConsumerGroup = {
  /** When the last heartbeat was answered, in milliseconds since 1970. */
  lastRequest: number;
  heartbeat(options: { interval: number }): Promise<void>;
};

const require = createRequire(import.meta.url);
const { prototype: group }: { prototype: ConsumerGroup } = require('kafkajs/src/consumer/consumerGroup.js');
const { heartbeat } = group;

/**
 * Has kafkajs 2.2.4 go on with heartbeats when the machine's clock is set back. It reckons by that clock when the next
 * one is due, and would send none for as long as the clock was set back: the group gives our partitions to somebody
 * else, and we are never told. May be called twice.
 */
export function beatWhenClockGoesBack(): void {
  group.heartbeat = function beat(this: ConsumerGroup, options: { interval: number }) {
    if (this.lastRequest > Date.now()) this.lastRequest = 0;
    return heartbeat.call(this, options);
  };
}
