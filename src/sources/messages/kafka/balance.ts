/** A member of the group and the partitions that it held, in the generation that it knows; by their names. */
export type Holder = { readonly id: string; readonly held: ReadonlySet<string>; readonly generation: number };

/**
 * Gives out the partitions of one topic so that each member has as many as any other, give or take one, and as few as
 * can be change hands. A partition that two members claim goes to the one that knows the later generation; whose turn
 * it is to have one more is decided by what it held, then by what it has already.
 * @param load how many partitions of other topics a member has been given
 * @returns the partitions of each member
 */
export function balance(
  partitions: readonly string[],
  members: readonly Holder[],
  load: ReadonlyMap<string, number> = new Map(),
): Map<string, string[]> {
  const claims = claimed(partitions, members);
  const heldBy = ({ id }: Holder) => claims.get(id) ?? [];
  const ranked = members.toSorted(
    (a, b) =>
      heldBy(b).length - heldBy(a).length || (load.get(a.id) ?? 0) - (load.get(b.id) ?? 0) || (a.id < b.id ? -1 : 1),
  );
  const least = Math.floor(partitions.length / members.length);
  const more = partitions.length % members.length;
  const given = new Map<string, string[]>();
  ranked.forEach((member, rank) => {
    given.set(member.id, heldBy(member).slice(0, rank < more ? least + 1 : least));
  });
  const kept = new Set([...given.values()].flat());
  const free = partitions.filter((partition) => !kept.has(partition));
  ranked.forEach(({ id }, rank) => {
    const mine = given.get(id) ?? [];
    const quota = rank < more ? least + 1 : least;
    mine.push(...free.splice(0, quota - mine.length));
  });
  return given;
}

/** What each member holds by the latest generation that speaks of it. */
function claimed(partitions: readonly string[], members: readonly Holder[]): Map<string, string[]> {
  const claims = new Map<string, string[]>();
  const latestFirst = members.toSorted((a, b) => b.generation - a.generation || (a.id < b.id ? -1 : 1));
  for (const partition of partitions) {
    const holder = latestFirst.find(({ held }) => held.has(partition));
    if (holder !== undefined) claims.set(holder.id, [...(claims.get(holder.id) ?? []), partition]);
  }
  return claims;
}
