/**
 * Lends abort controllers, and lends one again that came back without having been aborted: to make one for each scene
 * costs as much as a stage. Whoever gives one back has seen all work under its signal end, and with it the listeners.
 */
export class SpareControllers {
  readonly #spare: AbortController[] = [];

  /** @returns one that is not aborted, and that nobody else has */
  lend(): AbortController {
    return this.#spare.pop() ?? new AbortController();
  }

  takeBack(controller: AbortController): void {
    if (!controller.signal.aborted) this.#spare.push(controller);
  }
}
