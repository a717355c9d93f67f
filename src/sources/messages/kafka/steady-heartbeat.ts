import { createRequire } from 'node:module';
import { isCoordinatorAway } from './coordinator-away.ts';

/** What is used of the member of a group that kafkajs keeps. */
type ConsumerGroup = {
  readonly groupId: string;
  readonly cluster: { findGroupCoordinator(group: { groupId: string }): Promise<object> };
  coordinator: object;
  /** When the last heartbeat was answered, in milliseconds since 1970. */
  lastRequest: number;
  heartbeat(options: { interval: number }): Promise<void>;
};

const require = createRequire(import.meta.url);
const { prototype: group }: { prototype: ConsumerGroup } = require('kafkajs/src/consumer/consumerGroup.js');
const { heartbeat } = group;
/** Groups whose coordinator is being looked for. */
const searching = new WeakSet<ConsumerGroup>();

/**
 * Has kafkajs 2.2.4 go on with heartbeats in two cases in which it lets them drop, until the group gives our partitions
 * to somebody else. When the machine's clock is set back: it reckons by that clock when the next one is due. And when the
 * group's coordinator has gone to another broker: it looks for it only before it joins, and meanwhile asks the old one,
 * with ever longer pauses in which it does not even fetch. The new one knows us still, so nothing need change hands. May
 * be called twice.
 */
export function steadyHeartbeat(): void {
  group.heartbeat = async function beat(this: ConsumerGroup, options: { interval: number }) {
    if (this.lastRequest > Date.now()) this.lastRequest = 0;
    try {
      await heartbeat.call(this, options);
    } catch (error) {
      if (!isCoordinatorAway(error)) throw error;
      void search(this); // it may take seconds, and there is more to be fetched
    }
  };
}

/** Not to have found it is no error: the next heartbeat has it looked for again. */
async function search(group: ConsumerGroup): Promise<void> {
  if (searching.has(group)) return;
  searching.add(group);
  try {
    group.coordinator = await group.cluster.findGroupCoordinator(group);
  } catch {
  } finally {
    searching.delete(group);
  }
}
