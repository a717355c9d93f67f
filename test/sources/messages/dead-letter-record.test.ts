import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/scene.ts';
import { deadLetterHeaders } from '../../../src/sinks/dead-letter.ts';
import { readLetterRecord } from '../../../src/sources/messages/dead-letter-record.ts';
import { sceneMessage } from '../../fakes/classification.ts';

const failure: Failure = {
  code: 'source.missing',
  reason: '404',
  stage: 'open',
  attempts: 3,
  firstFailure: '2024-05-01T10:58:00.000Z',
};
const headers = deadLetterHeaders(sceneMessage, failure, { version: '0.1.0', time: new Date('2024-05-01T11:00:00Z') });
const { key, value } = sceneMessage;
const place = { partition: 1, offset: '17' };

describe('readLetterRecord', () => {
  it('reads back what the sink writes, and takes our headers off the message', () => {
    const trace = sceneMessage.headers['trace'];
    expect(readLetterRecord({ ...place, key, value, headers: { trace, ...headers } })).toEqual({
      letter: {
        id: '1@17',
        ...place,
        message: { key, value, headers: { trace } },
        ...{ code: 'source.missing', reason: '404', stage: 'open', attempts: 3, version: '0.1.0' },
        ...{ firstFailure: '2024-05-01T10:58:00.000Z', time: '2024-05-01T11:00:00.000Z' },
        source: { topic: 'scenes', partition: 2, offset: '1041' },
      },
    });
  });

  it('knows the mark of a letter that was replayed', () => {
    const marked = { partition: 1, offset: '40', key, value: null, headers: { saccade_replayed: Buffer.from('17') } };
    expect(readLetterRecord(marked)).toEqual({ replayed: '1@17' });
  });

  it('says nothing of what others have put there', () => {
    expect(readLetterRecord({ ...place, key, value, headers: {} })).toBeUndefined();
    expect(readLetterRecord({ ...place, key, value, headers: { ...headers, saccade_code: 'x' } })).toBeUndefined();
  });
});
