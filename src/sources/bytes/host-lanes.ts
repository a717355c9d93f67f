/**
 * A bounded number of reads of one host at a time, first come first served: whoever asks for little is not kept waiting
 * by who asks for much, since each waits for its own turn and for no whole queue of another.
 */
export type HostLanes = {
  /**
   * Wait for a lane.
   * @returns gives it back
   * @throws the reason of `signal` once it is aborted
   */
  enter(host: string, signal: AbortSignal): Promise<() => void>;
};

type Queue = { free: number; readonly waiting: Set<() => void> };

/** @param lanes for each host */
export function hostLanes(lanes: number): HostLanes {
  const queues = new Map<string, Queue>();
  const leave = (host: string, queue: Queue) => {
    const [next] = queue.waiting;
    if (next) {
      queue.waiting.delete(next);
      next();
      return;
    }
    queue.free += 1;
    // A host at which nothing is under way costs nothing.
    if (queue.free === lanes) queues.delete(host);
  };
  return {
    async enter(host, signal) {
      signal.throwIfAborted();
      const queue = queues.get(host) ?? { free: lanes, waiting: new Set() };
      queues.set(host, queue);
      if (queue.free > 0) queue.free -= 1;
      else await turn(queue.waiting, signal);
      return () => leave(host, queue);
    },
  };
}

function turn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    const stop = () => {
      waiting.delete(go);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    waiting.add(go);
  });
}
