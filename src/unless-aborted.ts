/**
 * A wait that the signal ends: rejects with its reason at once. The promise itself is not cancelled, and whatever
 * becomes of it later is nobody's concern.
 */
export async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let forget = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const tell = () => reject(signal.reason);
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell, { once: true });
    forget = () => signal.removeEventListener('abort', tell);
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    forget();
  }
}
