import { type FailureCode, SceneError } from '../errors.ts';
import type { Stage } from '../scene.ts';
import type { Bounded, Deadlines } from './deadlines.ts';
import type { Observe } from './observe.ts';
import type { Trace } from './scene-in-work.ts';

export type StageSettings = { readonly deadlineSeconds: Readonly<Record<Stage, number>> };
export type StageParts = { readonly deadlines: Deadlines; readonly observe: Pick<Observe, 'stage'> };

/** Reading that is late may do better next time; computing that is late will not. */
const lateness: Readonly<Record<Stage, FailureCode>> = {
  open: 'source.unreachable',
  attend: 'budget.exceeded',
  fetch: 'source.unreachable',
  look: 'budget.exceeded',
};

/**
 * Bounds and times the stages of one try of a scene. It is one object for all of them, with no promise and no timer of
 * its own: each scene passes here four times.
 */
export class StageClock implements Bounded {
  due = Number.POSITIVE_INFINITY;
  readonly #trace: Trace;
  readonly #signal: AbortSignal;
  readonly #parts: StageParts;
  readonly #settings: StageSettings;
  readonly #fail: (error: SceneError) => void;
  readonly #place: number;
  #stage: Stage = 'open';
  #started = 0;
  #isOver = false;

  /** @param fail told when a stage takes too long, whose result is then no longer waited for */
  constructor(
    { trace, signal, fail }: { trace: Trace; signal: AbortSignal; fail: (error: SceneError) => void },
    parts: StageParts,
    settings: StageSettings,
  ) {
    this.#trace = trace;
    this.#signal = signal;
    this.#fail = fail;
    this.#parts = parts;
    this.#settings = settings;
    this.#place = parts.deadlines.watch(this);
  }

  /** @throws when nobody waits for the scene any more */
  begin(stage: Stage): void {
    this.#expectWanted();
    this.#stage = stage;
    this.#trace.stage = stage;
    this.#started = performance.now();
    this.due = this.#started + 1000 * this.#settings.deadlineSeconds[stage];
    this.#parts.deadlines.changed(this);
  }

  /** @throws when nobody waits for the scene any more */
  end(): void {
    this.#expectWanted();
    this.due = Number.POSITIVE_INFINITY;
    const seconds = (performance.now() - this.#started) / 1000;
    this.#trace.seconds[this.#stage] = seconds;
    this.#parts.observe.stage(this.#stage, seconds);
  }

  /** The try has ended, however. */
  stop(): void {
    this.#isOver = true;
    this.#parts.deadlines.forget(this, this.#place);
  }

  late(): void {
    this.#isOver = true;
    const seconds = Number(this.#settings.deadlineSeconds[this.#stage].toPrecision(3));
    this.#fail(new SceneError(lateness[this.#stage], `${this.#stage} took longer than ${seconds} s`));
  }

  #expectWanted(): void {
    this.#signal.throwIfAborted();
    if (this.#isOver) throw new Error('the try is over');
  }
}
