import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SendGate } from '../../../../src/sources/messages/kafka/send-gate.ts';

const ours = () => true;

/** What becomes of a promise by the time that everything at hand has been done. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([promise, sleep(20, 'waits')]);
}

describe('SendGate', () => {
  it('lets nothing pass until it is opened', async () => {
    const gate = new SendGate(() => false);
    const sent = gate.pass(ours, async () => 'sent');
    expect(await stateOf(sent)).toBe('waits');
    gate.open();
    expect(await sent).toBe('sent');
  });

  it('closes once what is under way has ended, well or not, and keeps the rest', async () => {
    const gate = new SendGate(() => false);
    gate.open();
    const ends: (() => void)[] = [];
    const well = gate.pass(ours, () => new Promise<void>((resolve) => ends.push(resolve)));
    const ill = gate.pass(ours, () => new Promise<void>((_, reject) => ends.push(() => reject(new Error('no')))));
    const closed = gate.close().then(() => 'closed');
    const late = gate.pass(ours, async () => 'late');
    expect(await stateOf(closed)).toBe('waits');
    for (const end of ends) end();
    await expect(ill).rejects.toThrow('no');
    await well;
    expect(await closed).toBe('closed');
    expect(await stateOf(late)).toBe('waits');
  });

  it('sends nothing of a message that went to somebody else while it waited', async () => {
    const gate = new SendGate(() => false);
    let isOurs = true;
    let sends = 0;
    const waiting = gate.pass(
      () => isOurs,
      async () => {
        sends += 1;
      },
    );
    isOurs = false;
    gate.open();
    expect(await waiting).toBeUndefined();
    expect(sends).toBe(0);
  });

  it('holds back while the group may have given us up, and goes on when it answers', async () => {
    let stale = true;
    const gate = new SendGate(() => stale);
    gate.open();
    const waiting = gate.pass(ours, async () => 'sent');
    gate.wake();
    expect(await stateOf(waiting)).toBe('waits');
    stale = false;
    gate.wake();
    expect(await waiting).toBe('sent');
  });
});
