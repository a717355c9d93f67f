import type { classifyScenes } from '../pipeline/classify-scenes.ts';
import type { MessageSource } from '../sources/messages/message-source.ts';

/**
 * Sets scenes going and waits for their end. Once the signal is aborted nothing new is taken, and the begun scenes have
 * so long to finish.
 */
export function finish(
  classified: ReturnType<typeof classifyScenes>,
  messages: Pick<MessageSource, 'end'>,
  { drainSeconds, signal }: { drainSeconds: number; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const work = classified.subscribe({ complete: resolve, error: reject });
    const drain = () => {
      messages.end();
      const giveUp = () => {
        work.unsubscribe();
        reject(new Error(`begun scenes did not finish in ${drainSeconds} s; their messages will come again`));
      };
      setTimeout(giveUp, 1000 * drainSeconds).unref();
    };
    if (signal.aborted) drain();
    else signal.addEventListener('abort', drain, { once: true });
  });
}
