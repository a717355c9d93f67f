import { describe, expect, it } from 'vitest';
import { failures } from '../../src/errors.ts';
import type { Failure } from '../../src/scene.ts';
import { deadLetterHeaders, deadLetterLine } from '../../src/sinks/dead-letter.ts';
import { sceneMessage } from '../fakes/classification.ts';
import { violations } from '../setup/schemas.ts';

const settings = { version: '0.1.0', time: new Date('2024-05-01T11:00:00Z') };
const failure: Failure = { code: 'source.missing', reason: 'nothing there', stage: 'open', attempts: 1 };

describe('deadLetterHeaders', () => {
  it('tells why, where and from where', () => {
    expect(deadLetterHeaders(sceneMessage, failure, settings)).toEqual({
      saccade_code: 'source.missing',
      saccade_reason: 'nothing there',
      saccade_stage: 'open',
      saccade_attempts: '1',
      saccade_first_failure: '2024-05-01T11:00:00.000Z',
      saccade_origin: 'scenes[2]@1041',
      saccade_version: '0.1.0',
      saccade_time: '2024-05-01T11:00:00.000Z',
      saccade_topic: 'scenes',
      saccade_partition: '2',
      saccade_offset: '1041',
    });
  });

  it('tells when a try first failed, where there were several', () => {
    const firstFailure = '2024-05-01T10:58:00.000Z';
    expect(deadLetterHeaders(sceneMessage, { ...failure, attempts: 3, firstFailure }, settings)).toMatchObject({
      saccade_attempts: '3',
      saccade_first_failure: firstFailure,
      saccade_time: '2024-05-01T11:00:00.000Z',
    });
  });

  it('follows its schema for every code', () => {
    for (const code of Object.keys(failures) as (keyof typeof failures)[])
      expect(violations('dead-letter', deadLetterHeaders(sceneMessage, { ...failure, code }, settings))).toEqual([]);
    expect(
      violations('dead-letter', { ...deadLetterHeaders(sceneMessage, failure, settings), saccade_other: '' }),
    ).not.toEqual([]);
  });

  it('cuts the reason to a kilobyte, never inside a character', () => {
    const { saccade_reason: reason } = deadLetterHeaders(
      sceneMessage,
      { ...failure, reason: `x${'é'.repeat(1000)}` },
      settings,
    );
    expect(Buffer.byteLength(String(reason))).toBe(1023);
    expect(reason).toMatch(/^xé+$/);
  });
});

describe('deadLetterLine', () => {
  it('repeats the value as text, in base64 where it is none, and null where there is none', () => {
    const line = (value: Buffer | null) => JSON.parse(deadLetterLine({ ...sceneMessage, value }, failure, settings));
    expect(line(Buffer.from('é{'))).toMatchObject({ value: 'é{' });
    expect(line(Buffer.from([0xff, 0]))).toMatchObject({ value_base64: '/wA=' });
    expect(line(null)).toMatchObject({ value: null });
    for (const value of [Buffer.from('a'), Buffer.from([0xff]), null])
      expect(violations('dead-letter', line(value), 'line')).toEqual([]);
  });
});
