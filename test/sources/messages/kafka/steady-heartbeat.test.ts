import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { steadyHeartbeat } from '../../../../src/sources/messages/kafka/steady-heartbeat.ts';

const require = createRequire(import.meta.url);
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup.js');
const loggers = { namespace: () => ({}) };

const { KafkaJSConnectionError, KafkaJSProtocolError } = require('kafkajs/src/errors.js');
const { createErrorFromCode } = require('kafkajs/src/protocol/error.js');

const EVERY = { interval: 60_000 };

/** A member of a group with a coordinator that answers so, or throws. */
function memberOf(answer: () => void, others: readonly object[] = []) {
  const sent: object[] = [];
  const coordinator = {
    async heartbeat(request: object) {
      answer();
      sent.push(request);
    },
  };
  const found = [...others];
  const findGroupCoordinator = async () => found.shift() ?? Promise.reject(new Error('none'));
  const settings = { logger: loggers, topics: [], cluster: { findGroupCoordinator }, groupId: 'g' };
  const group = new ConsumerGroup({ ...settings, instrumentationEmitter: { emit() {} } });
  return { sent, member: Object.assign(group, { memberId: 'm', coordinator }) };
}

describe('steadyHeartbeat', () => {
  beforeAll(() => {
    steadyHeartbeat();
    steadyHeartbeat();
  });

  it('has a heartbeat sent at once when the last one lies in the future, and else when it is due', async () => {
    const { sent, member } = memberOf(() => {});
    await member.heartbeat(EVERY);
    expect(sent).toHaveLength(0);
    member.lastRequest = Date.now() + 3_600_000;
    await member.heartbeat(EVERY);
    expect(sent).toHaveLength(1);
    await member.heartbeat(EVERY);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['is down', () => new KafkaJSConnectionError('connect ECONNREFUSED')],
    ['is another one', () => createErrorFromCode(16)],
  ])('looks for the coordinator when it %s, and sends the next heartbeat there', async (_, error) => {
    const others = memberOf(() => {});
    const { sent, member } = memberOf(() => {
      throw error();
    }, [others.member.coordinator]);
    member.lastRequest = 0;
    await member.heartbeat(EVERY);
    await turn();
    await member.heartbeat(EVERY);
    expect([sent.length, others.sent.length]).toEqual([0, 1]);
  });

  it('goes on while there is no coordinator, and leaves other errors to kafkajs', async () => {
    let error: Error = new KafkaJSConnectionError('connect ECONNREFUSED');
    const { member } = memberOf(() => {
      throw error;
    });
    member.lastRequest = 0;
    for (let n = 0; n < 3; n += 1) {
      await member.heartbeat(EVERY);
      await turn();
    }
    error = createErrorFromCode(27);
    await expect(member.heartbeat(EVERY)).rejects.toBeInstanceOf(KafkaJSProtocolError);
  });
});
