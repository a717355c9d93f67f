import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NotBefore } from '../../../../src/sources/messages/kafka/not-before.ts';

const NOW = 1_800_000_000_000;
const message = (time: string) => ({ headers: { saccade_not_before: Buffer.from(time) } });

describe('NotBefore', () => {
  const due = new NotBefore([{ topic: 'later', seconds: 60 }]);
  beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('is what the header says', () => {
    expect(due.of(message(String(NOW + 30_000)), 'later')).toBe(NOW + 30_000);
  });

  it('is no later than the delay of its topic after it was first seen, whatever the header says', () => {
    const far = message(String(NOW + 1e9));
    expect(due.of(far, 'later')).toBe(NOW + 60_000);
    vi.setSystemTime(NOW + 50_000);
    expect(due.of(far, 'later')).toBe(NOW + 60_000);
  });

  it('is at once in any other topic, and where the header says nothing', () => {
    expect(due.of(message(String(NOW + 30_000)), 'input')).toBe(0);
    expect(due.of(message('soon'), 'later')).toBe(0);
    expect(due.of({}, 'later')).toBe(0);
  });
});
