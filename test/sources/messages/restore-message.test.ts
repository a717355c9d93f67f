import { describe, expect, it } from 'vitest';
import type { Message, Postponed } from '../../../src/scene.ts';
import { postponedHeaders } from '../../../src/sinks/dead-letter.ts';
import { restoreMessage } from '../../../src/sources/messages/restore-message.ts';
import { sceneMessage } from '../../fakes/classification.ts';

const { saccade_code: _, ...ownHeaders } = sceneMessage.headers;
const original: Message = { ...sceneMessage, headers: ownHeaders };
const firstFailure = '2024-05-01T10:58:00.000Z';
const putOffAt = 1_800_000_000_000;
const postponed: Postponed = {
  kind: 'postponed',
  message: original,
  failure: { code: 'source.unreachable', reason: 'refused', stage: 'open', attempts: 4, firstFailure },
  topic: 'scenes.retry.1m',
  steps: 2,
  notBefore: 1000,
};

describe('restoreMessage', () => {
  const found = (headers: Message['headers']): Message => ({
    ...original,
    headers,
    origin: 'scenes.retry.1m[0]@7',
    kafka: { topic: 'scenes.retry.1m', partition: 0, offset: '7', timestamp: putOffAt },
  });

  it('gives back the message that was put off, and says how often', () => {
    const headers = { ...ownHeaders, ...postponedHeaders(postponed, { version: '0.1.0', time: new Date() }) };
    expect(restoreMessage(found(headers))).toEqual({
      ...original,
      earlier: { attempts: 4, firstFailure, steps: 2 },
    });
  });

  it('takes the time of the record for one that was put off before its own was kept', () => {
    const { saccade_timestamp: _, ...headers } = postponedHeaders(postponed, { version: '0.1.0', time: new Date() });
    expect(restoreMessage(found({ ...ownHeaders, ...headers })).kafka?.timestamp).toBe(putOffAt);
  });

  it('leaves alone what somebody else has put there', () => {
    expect(restoreMessage(found(ownHeaders))).toEqual(found(ownHeaders));
  });
});
