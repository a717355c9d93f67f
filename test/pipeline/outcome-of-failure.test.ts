import { describe, expect, it } from 'vitest';
import { SceneError } from '../../src/errors.ts';
import { outcomeOfFailure } from '../../src/pipeline/outcome-of-failure.ts';
import { newTrace } from '../../src/pipeline/scene-in-work.ts';
import type { Message } from '../../src/scene.ts';
import { sceneMessage } from '../fakes/classification.ts';

const later = [
  { topic: 'soon', seconds: 60 },
  { topic: 'late', seconds: 600 },
];
const passing = new SceneError('source.unreachable', 'refused');

describe('outcomeOfFailure', () => {
  const outcome = (message: Message, error: unknown = passing, retryTopics = later) =>
    outcomeOfFailure(message, error, { trace: { ...newTrace(), attempts: 3, stage: 'fetch' }, retryTopics, now: 5000 });
  const again = (steps: number): Message => ({
    ...sceneMessage,
    earlier: { attempts: 4, firstFailure: '2024-05-01T10:58:00.000Z', steps },
  });

  it('puts off what may pass, from one retry topic to the next, and then gives it up', () => {
    expect(outcome(sceneMessage)).toMatchObject({ kind: 'postponed', topic: 'soon', steps: 1, notBefore: 65_000 });
    expect(outcome(again(1))).toMatchObject({ kind: 'postponed', topic: 'late', steps: 2, notBefore: 605_000 });
    expect(outcome(again(2))).toMatchObject({ kind: 'failed' });
  });

  it('counts tries, and tells the first failure, from the first time that the message was taken', () => {
    expect(outcome(sceneMessage).failure).toEqual({
      ...{ code: 'source.unreachable', reason: 'refused', stage: 'fetch', attempts: 3 },
    });
    expect(outcome(again(1)).failure).toMatchObject({ attempts: 7, firstFailure: '2024-05-01T10:58:00.000Z' });
  });

  it('gives up at once what lasts, what is a bug, what comes from no topic, and where there are no retry topics', () => {
    expect(outcome(sceneMessage, new SceneError('source.missing', '404')).kind).toBe('failed');
    expect(outcome(sceneMessage, new TypeError('a bug')).kind).toBe('failed');
    const { kafka: _, ...line } = sceneMessage;
    expect(outcome(line).kind).toBe('failed');
    expect(outcome(sceneMessage, passing, []).kind).toBe('failed');
  });
});
