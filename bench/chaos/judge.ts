/** What was sent to the input topic. */
export type Sent = {
  readonly id: string;
  readonly key: string;
  readonly at: number /** Times that it is in the topic; once, where nothing is said. */;
  readonly copies?: number;
};
/** A record of the output topic. */
export type Answer = { readonly id: string; readonly eventId: string; readonly at: number };
/** What the group had committed of each partition at one moment; -1 for nothing yet. */
export type Commits = readonly number[];

export type Found = {
  readonly sent: readonly Sent[];
  /** In the order of the topic, which is one only where it has a single partition. */
  readonly answers: readonly Answer[];
  /** Ids of the messages among the dead letters. */
  readonly letters: readonly string[];
  readonly commits: readonly Commits[];
};

export type Verdict = {
  readonly sent: number;
  readonly answered: number;
  readonly deadLettered: number;
  readonly lost: number;
  /** Answers and dead letters of a message beyond the first; of one that is in the input topic twice, beyond the second. */
  readonly repeated: number;
  /** Messages that were answered with two different event ids. */
  readonly otherIds: number;
  /** First answers that came before that of an earlier message of their key. */
  readonly outOfOrder: number;
  readonly commitsBack: number;
  /** Messages that the feed itself has put into the input topic more than once. */
  readonly doubled: number;
};

/** Counts what became of every message that was sent, from the topics alone. */
export function judge({ sent, answers, letters, commits }: Found): Verdict {
  const events = new Map<string, Set<string>>();
  for (const { id, eventId } of answers) events.set(id, (events.get(id) ?? new Set()).add(eventId));
  const dead = new Set(letters);
  const done = (id: string) => events.has(id) || dead.has(id);
  const outcomes = new Map<string, number>();
  for (const id of [...answers.map(({ id }) => id), ...letters]) outcomes.set(id, (outcomes.get(id) ?? 0) + 1);
  const copies = new Map(sent.map(({ id, copies = 1 }) => [id, copies]));
  const more = [...outcomes].map(([id, times]) => Math.max(0, times - (copies.get(id) ?? 1)));
  return {
    sent: sent.length,
    answered: events.size,
    deadLettered: dead.size,
    lost: sent.filter(({ id }) => !done(id)).length,
    repeated: more.reduce((sum, times) => sum + times, 0),
    doubled: sent.filter(({ copies = 1 }) => copies > 1).length,
    otherIds: [...events.values()].filter((ids) => ids.size > 1).length,
    outOfOrder: outOfOrder(sent, answers),
    commitsBack: commitsBack(commits),
  };
}

function outOfOrder(sent: readonly Sent[], answers: readonly Answer[]): number {
  const place = new Map(sent.map(({ id, key }, n) => [id, { key, n }]));
  const latest = new Map<string, number>();
  const seen = new Set<string>();
  let count = 0;
  for (const { id } of answers) {
    const found = place.get(id);
    if (found === undefined || seen.has(id)) continue;
    seen.add(id);
    const before = latest.get(found.key) ?? -1;
    if (found.n < before) count += 1;
    latest.set(found.key, Math.max(before, found.n));
  }
  return count;
}

function commitsBack(commits: readonly Commits[]): number {
  return commits.slice(1).reduce((count, now, n) => {
    return count + now.filter((offset, partition) => offset < (commits[n]?.[partition] ?? -1)).length;
  }, 0);
}

/** Of the seconds from a message being sent to its first answer; only of those that `counts` holds of. */
export function latencies(
  { sent, answers }: Pick<Found, 'sent' | 'answers'>,
  counts: (sent: Sent) => boolean,
): number[] {
  const first = new Map<string, number>();
  for (const { id, at } of answers) if (!first.has(id)) first.set(id, at);
  return sent.filter(counts).flatMap(({ id, at }) => {
    const answered = first.get(id);
    return answered === undefined ? [] : [(answered - at) / 1000];
  });
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
