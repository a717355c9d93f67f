import type { KafkaMessage } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { Inbox } from '../../../../src/sources/messages/kafka/inbox.ts';

const message = (offset: number) => ({ offset: String(offset) }) as KafkaMessage;

describe('Inbox', () => {
  it('gives messages in their order, and tells where they end only once none is left', () => {
    const inbox = new Inbox();
    inbox.add([message(3), message(5)], 7);
    inbox.add([message(8)], 9);
    expect([inbox.length, inbox.first?.offset, inbox.end]).toEqual([3, '3', undefined]);
    expect([inbox.shift(), inbox.shift(), inbox.shift()].map((one) => one?.offset)).toEqual(['3', '5', '8']);
    expect([inbox.first, inbox.end]).toEqual([undefined, 9]);
  });

  it('knows nothing of what will be fetched again', () => {
    const inbox = new Inbox();
    inbox.add([message(3)], 4);
    inbox.clear();
    expect([inbox.length, inbox.first, inbox.end]).toEqual([0, undefined, undefined]);
  });
});
