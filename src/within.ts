/**
 * A wait that ends: fails when the promise takes longer. The promise itself is not cancelled.
 * Not by `Promise.race`, which costs more: each batch of records that is sent waits like this.
 * @param failure makes the error from a sentence that says what took too long
 * @throws {Error} that error
 */
export function within<T>(
  seconds: number,
  promise: Promise<T>,
  what: string,
  failure: (message: string) => Error = (message) => new Error(message),
): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(failure(`${what} took longer than ${Number(seconds.toPrecision(3))} s`));
    const timer = setTimeout(late, 1000 * seconds);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
