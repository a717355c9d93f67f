import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/scene.ts';
import { DeliveryQueue } from '../../../src/sources/messages/delivery-queue.ts';

function delivery(origin: string): Delivery {
  return { message: { key: null, value: null, headers: {}, origin }, settle() {} };
}

async function origin(next: Promise<IteratorResult<Delivery, undefined>>): Promise<string | undefined> {
  const { value } = await next;
  return value?.message.origin;
}

describe('DeliveryQueue', () => {
  it('hands out in order, to lanes that wait and to lanes that come later', async () => {
    const queue = new DeliveryQueue();
    const early = queue.next();
    for (const name of ['a', 'b', 'c']) queue.push(delivery(name));
    expect([await origin(early), await origin(queue.next()), await origin(queue.next())]).toEqual(['a', 'b', 'c']);
  });

  it('lets go of what is unwanted and was not taken', async () => {
    const queue = new DeliveryQueue();
    for (const name of ['a', 'b']) queue.push(delivery(name));
    queue.drop(({ message }) => message.origin === 'a');
    expect(await origin(queue.next())).toBe('b');
  });

  it('ends for lanes that wait and for those that come later, whatever was queued', async () => {
    const queue = new DeliveryQueue();
    const waiting = queue.next();
    queue.end();
    queue.push(delivery('late'));
    expect([(await waiting).done, (await queue.next()).done]).toEqual([true, true]);
  });

  it('ends with an error for all lanes', async () => {
    const queue = new DeliveryQueue();
    const waiting = queue.next();
    queue.end(new Error('gone'));
    queue.end();
    await expect(waiting).rejects.toThrow('gone');
    await expect(queue.next()).rejects.toThrow('gone');
  });
});
