import type { Logger } from 'pino';
import { failureCode } from '../errors.ts';
import type { Observe } from '../pipeline/observe.ts';
import type { Metrics } from '../sinks/metrics.ts';

/** Tells the metrics and the log how the work goes: a line for each scene, with what operators ask first. */
export function observeRun(metrics: Metrics, log: Logger): Observe {
  return {
    taken: () => metrics.taken(),
    stage: (stage, seconds) => metrics.stage(stage, seconds),
    read: (kind, cost) => metrics.read(kind, cost),
    looked() {}, // what was looked at is in the event
    retrying(code, reason, stage) {
      metrics.retrying(code, stage);
      log.info({ code, reason, stage }, 'trying again');
    },
    bug: (error) =>
      log.error({ err: error, code: failureCode(error) }, 'a bug in Saccade; the scene goes to the dead letters'),
    moved: () => metrics.moved(),
    sent(outcome, seconds) {
      metrics.sent(outcome, seconds);
      const { origin } = outcome.message;
      if (outcome.kind === 'postponed') {
        const { failure, topic } = outcome;
        log.info({ origin, ...failure, topic, seconds }, 'put off');
        return;
      }
      if (outcome.kind === 'failed') {
        log.warn({ origin, ...outcome.failure, seconds }, 'failed');
        return;
      }
      const { scene, class: label, confidence, read } = outcome.classification;
      log.info({ origin, scene: scene.id, class: label, confidence, bytes: read.bytes, seconds }, 'classified');
    },
  };
}
