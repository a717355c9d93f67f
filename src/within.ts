/**
 * A wait that ends: fails when the promise takes longer. The promise itself is not cancelled.
 * @throws {Error} naming what took too long
 */
export async function within<T>(seconds: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${Number(seconds.toFixed(2))} s`)),
      1000 * seconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
