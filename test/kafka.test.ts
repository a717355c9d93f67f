import { describe, expect, it } from 'vitest';
import { kafkaClientOptions, kafkaErrorType } from '../src/kafka.ts';

describe('kafkaErrorType', () => {
  it('finds the protocol’s name of an error under what it was wrapped in', () => {
    const inner = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
    expect(kafkaErrorType(inner)).toBe('MESSAGE_TOO_LARGE');
    expect(kafkaErrorType(new Error('a', { cause: new Error('b', { cause: inner }) }))).toBe('MESSAGE_TOO_LARGE');
    expect(kafkaErrorType(new Error('other'))).toBeUndefined();
  });
});

describe('kafkaClientOptions', () => {
  it('sends the lines of kafkajs to our log, its news as details', () => {
    const lines: unknown[] = [];
    const log = kafkaClientOptions(['a:1'], (...line) => lines.push(line)).logCreator();
    log({
      label: 'ERROR',
      log: { message: 'gone', timestamp: 1, logger: 'kafkajs', broker: 'a:1' } as { message: string },
    });
    log({ label: 'INFO', log: { message: 'Pausing' } });
    expect(lines).toEqual([
      ['error', 'kafkajs: gone', { broker: 'a:1' }],
      ['debug', 'kafkajs: Pausing', {}],
    ]);
  });
});
