import { describe, expect, it } from 'vitest';
import { foldRepeats } from '../../src/commands/fold-repeats.ts';

describe('foldRepeats', () => {
  it('tells a warning once a minute, and news and details as often as they come', () => {
    let seconds = 0;
    const lines: string[] = [];
    const log = foldRepeats(
      (level, message) => lines.push(`${level} ${message}`),
      () => 1000 * seconds,
    );
    for (seconds of [0, 1, 59, 61]) log('error', 'kafkajs: gone', {});
    log('warn', 'another', {});
    for (const level of ['info', 'debug', 'info'] as const) log(level, 'joined', {});
    expect(lines).toEqual([
      'error kafkajs: gone',
      'debug kafkajs: gone',
      'debug kafkajs: gone',
      'error kafkajs: gone',
      'warn another',
      'info joined',
      'debug joined',
      'info joined',
    ]);
  });
});
