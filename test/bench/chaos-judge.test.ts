import { describe, expect, it } from 'vitest';
import { brokenPromises } from '../../bench/chaos/disaster.ts';
import { type Found, judge, latencies, percentile } from '../../bench/chaos/judge.ts';

const sent = ['a', 'b', 'c', 'd'].map((id, n) => ({ id, key: `k${n % 2}`, at: 1000 * n }));
const answer = (id: string, eventId = `e-${id}`, at = 5000) => ({ id, eventId, at });
const all: Found = { sent, answers: sent.map(({ id }) => answer(id)), letters: [], commits: [] };
const clean = {
  sent: 4,
  answered: 4,
  deadLettered: 0,
  lost: 0,
  repeated: 0,
  otherIds: 0,
  outOfOrder: 0,
  commitsBack: 0,
  doubled: 0,
};

describe('judge', () => {
  it('finds nothing where each message has one event or one dead letter', () => {
    expect(judge(all)).toEqual(clean);
    const found = { ...all, answers: all.answers.slice(1), letters: ['a'] };
    expect(judge(found)).toEqual({ ...clean, answered: 3, deadLettered: 1 });
  });

  it('counts what is lost', () => {
    expect(judge({ ...all, answers: all.answers.slice(1) })).toMatchObject({ lost: 1, answered: 3 });
  });

  it('counts what is repeated: answers, dead letters, one beside the other; and other event ids', () => {
    expect(judge({ ...all, answers: [...all.answers, answer('a'), answer('a')] })).toMatchObject({
      repeated: 2,
      otherIds: 0,
    });
    expect(judge({ ...all, letters: ['b', 'b'] })).toMatchObject({ repeated: 2, lost: 0 });
    expect(judge({ ...all, answers: [...all.answers, answer('a', 'another')] })).toMatchObject({
      repeated: 1,
      otherIds: 1,
    });
  });

  it('lets a message that is in the topic twice be answered twice, and no more', () => {
    const twice = sent.map((one) => (one.id === 'a' ? { ...one, copies: 2 } : one));
    const answers = [...all.answers, answer('a')];
    expect(judge({ ...all, sent: twice, answers })).toEqual({ ...clean, doubled: 1 });
    expect(judge({ ...all, sent: twice, answers: [...answers, answer('a'), answer('b')] }).repeated).toBe(2);
  });

  it('counts first answers that came before that of an earlier message of the key', () => {
    const order = (...ids: string[]) => judge({ ...all, answers: ids.map((id) => answer(id)) }).outOfOrder;
    expect(order('b', 'a', 'd', 'c')).toBe(0);
    expect(order('c', 'a', 'b', 'd')).toBe(1);
    expect(order('a', 'c', 'a', 'b', 'd')).toBe(0);
  });

  it('counts commits that went back, partition by partition', () => {
    const commits = [
      [-1, 5],
      [3, 5],
      [2, 6],
      [4, 4],
    ];
    expect(judge({ ...all, commits }).commitsBack).toBe(2);
  });
});

describe('brokenPromises', () => {
  it('names what did not hold, and forgives the repeats that are allowed', () => {
    const verdict = { ...clean, lost: 1, repeated: 3, outOfOrder: 2, commitsBack: 1 };
    expect(brokenPromises(clean, {}, true)).toEqual([]);
    expect(brokenPromises(verdict, { repeats: 3 }, false)).toEqual(['1 lost', '1 commits went back']);
    expect(brokenPromises(verdict, { broken: ['a member has ended'] }, true)).toEqual([
      '1 lost',
      '3 repeated, 0 allowed',
      '2 out of order',
      '1 commits went back',
      'a member has ended',
    ]);
  });
});

describe('latencies', () => {
  it('are the seconds to the first answer, of the messages that count', () => {
    const answers = [answer('a', 'e', 2500), answer('a', 'e', 9000), answer('b', 'e', 1250)];
    expect(latencies({ sent, answers }, ({ key }) => key === 'k0')).toEqual([2.5]);
    expect(latencies({ sent, answers }, () => true)).toEqual([2.5, 0.25]);
  });

  it('have percentiles', () => {
    const values = Array.from({ length: 100 }, (_, n) => 99 - n);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([50, 99, 99]);
  });
});
