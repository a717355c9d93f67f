import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../../src/scene.ts';
import { DeliveryQueue } from '../../../../src/sources/messages/kafka/delivery-queue.ts';

function delivery(origin: string, partition = 0) {
  const message = { key: null, value: null, headers: {}, origin };
  return { message, partition, key: undefined, settle: <T>(send: () => Promise<T>) => send() };
}

async function origin(next: Promise<IteratorResult<Delivery, undefined>>): Promise<string | undefined> {
  const { value } = await next;
  return value?.message.origin;
}

const newQueue = (ordering: 'unordered' | 'partition' = 'unordered') =>
  new DeliveryQueue<number, ReturnType<typeof delivery>>(ordering);

describe('DeliveryQueue', () => {
  it('hands out in order, to lanes that wait and to lanes that come later', async () => {
    const queue = newQueue();
    const early = queue.next();
    for (const name of ['a', 'b', 'c']) queue.push(delivery(name));
    expect([await origin(early), await origin(queue.next()), await origin(queue.next())]).toEqual(['a', 'b', 'c']);
  });

  it('has a lane wait until what comes before in the order has ended', async () => {
    const queue = newQueue('partition');
    const [first, second] = [delivery('first'), delivery('second')];
    queue.push(first);
    queue.push(second);
    await queue.next();
    const waiting = origin(queue.next());
    queue.push(delivery('other', 1));
    expect(await waiting).toBe('other');
    const next = origin(queue.next());
    queue.release(first);
    expect(await next).toBe('second');
  });

  it('lets go of a partition that is lost', async () => {
    const queue = newQueue();
    queue.push(delivery('a', 0));
    queue.push(delivery('b', 1));
    queue.forget(0);
    expect(await origin(queue.next())).toBe('b');
  });

  it('ends for lanes that wait and for those that come later, whatever was queued', async () => {
    const queue = newQueue();
    const waiting = queue.next();
    queue.end();
    queue.push(delivery('late'));
    expect([(await waiting).done, (await queue.next()).done]).toEqual([true, true]);
  });

  it('ends with an error for all lanes', async () => {
    const queue = newQueue();
    const waiting = queue.next();
    queue.end(new Error('gone'));
    queue.end();
    await expect(waiting).rejects.toThrow('gone');
    await expect(queue.next()).rejects.toThrow('gone');
  });
});
