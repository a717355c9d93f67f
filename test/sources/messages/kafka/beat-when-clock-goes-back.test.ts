import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { beatWhenClockGoesBack } from '../../../../src/sources/messages/kafka/beat-when-clock-goes-back.ts';

const require = createRequire(import.meta.url);
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup.js');
const loggers = { namespace: () => ({}) };

describe('beatWhenClockGoesBack', () => {
  it('has a heartbeat sent at once when the last one lies in the future, and else when it is due', async () => {
    beatWhenClockGoesBack();
    beatWhenClockGoesBack();
    const sent: object[] = [];
    const coordinator = { heartbeat: async (request: object) => void sent.push(request) };
    const instrumentationEmitter = { emit() {} };
    const settings = { logger: loggers, topics: [], cluster: {}, groupId: 'g', instrumentationEmitter };
    const group = Object.assign(new ConsumerGroup(settings), { memberId: 'm', coordinator });
    await group.heartbeat({ interval: 60_000 });
    expect(sent).toHaveLength(0);
    group.lastRequest = Date.now() + 3_600_000;
    await group.heartbeat({ interval: 60_000 });
    expect(sent).toHaveLength(1);
    await group.heartbeat({ interval: 60_000 });
    expect(sent).toHaveLength(1);
  });
});
