/**
 * Begins to read what the next step needs before this step computes: files are read and decoded in other threads
 * meanwhile. Steps are asked for in rising order; one that was not begun is read now.
 * @param read what a step needs; undefined where there is no such step
 */
export function readAhead<T>(read: (step: number) => Promise<T> | undefined): (step: number) => Promise<T | undefined> {
  let ahead: { readonly step: number; readonly found: Promise<T> | undefined } | undefined;
  return async (step) => {
    const found = await (ahead?.step === step ? ahead.found : read(step));
    const next = read(step + 1);
    next?.catch(() => {}); // told when its step comes, if it comes
    ahead = { step: step + 1, found: next };
    return found;
  };
}
