import { setTimeout as sleep } from 'node:timers/promises';
import { type Disaster, expectThat, type Observed, rounded } from './disaster.ts';
import { latencies, percentile, type Sent } from './judge.ts';
import { jumpingClock } from './jumping-clock.ts';
import type { Member } from './member.ts';
import { LANES, type Order, PARTITIONS, type Stage } from './stage.ts';

/** Disasters of what comes in: poison, stores that are slow or hang, odd messages; and a long day without any. */

const HEALTHY = 'healthy';

export const poison: Disaster = {
  row: 5,
  what: '5 % poison: bad JSON, 404, truncated, hanging, a bug in a stage',
  members: 2,
  settings: { NODE_OPTIONS: `--import=${new URL('./plant-a-bug.js', import.meta.url)}` },
  async play(stage) {
    const { usual } = stage.parts.stores;
    const bug: Order = { href: `${usual}/bug.tif` };
    const bad: readonly Order[] = [
      { value: 'no JSON' },
      { href: `${usual}/nowhere.tif` },
      { href: `${usual}/truncated.tif` },
      { href: `${usual}/hang.tif` },
      bug,
    ];
    let bugs = 0;
    const seen = await besides(stage, 20, (n) => {
      const order = bad[n % bad.length] ?? {};
      if (order === bug) bugs += 1;
      return order;
    });
    const letters = new Set((await stage.find()).letters);
    const poisoned = stage.sent.filter(({ key }) => !key.startsWith(HEALTHY));
    const wrong = poisoned.filter(({ id }) => !letters.has(id)).length + letters.size - poisoned.length;
    const { internal = 0 } = await stage.codes();
    return {
      ...seen,
      figures: { ...seen.figures, bugs: internal },
      broken: [
        ...(seen.broken ?? []),
        ...expectThat(wrong === 0, `${wrong} wrongly among the dead letters`),
        ...expectThat(internal === bugs, `${bugs} bugs were met, ${internal} dead letters say so`),
      ],
    };
  },
};

export const slowStores: Disaster = {
  row: 6,
  what: 'one store answers 2 requests a second, another hangs',
  members: 2,
  async play(stage) {
    const { slow, hanging } = stage.parts.stores;
    const bad: readonly Order[] = [{ href: `${slow}/scene-00000.tif` }, { href: `${hanging}/scene-00000.tif` }];
    let inFlight = 0;
    let isOver = false;
    const watch = async () => {
      while (!isOver) {
        for (const member of stage.members)
          inFlight = Math.max(inFlight, await member.metric('saccade_scenes_in_flight'));
        await sleep(500);
      }
    };
    const watching = watch();
    const seen = await besides(stage, 10, (n) => bad[n % bad.length] ?? {});
    isOver = true;
    await watching;
    const bounded = expectThat(inFlight <= LANES, `${inFlight} scenes in flight at a member of ${LANES} lanes`);
    return {
      ...seen,
      figures: { ...seen.figures, 'in flight': inFlight },
      broken: [...(seen.broken ?? []), ...bounded],
    };
  },
};

/** The same healthy messages first alone, then with others among them: what do these cost the healthy ones? */
async function besides(stage: Stage, every: number, other: (n: number) => Order): Promise<Observed> {
  const healthy = (phase: string) => (n: number) => ({ key: `${HEALTHY}-${phase}-${n}` });
  await stage.feed(Promise.resolve(), healthy('alone'));
  await stage.settle();
  const heap = await heapOf(stage);
  let others = 0;
  const mixed = (n: number) => (n % every === every - 1 ? other(others++) : healthy('among')(n));
  await stage.feed(Promise.resolve(), mixed);
  await stage.settle();
  const found = await stage.find();
  const p99 = (phase: string) =>
    percentile(
      latencies(found, ({ key }: Sent) => key.startsWith(`${HEALTHY}-${phase}`)),
      0.99,
    );
  const [alone, among] = [p99('alone'), p99('among')];
  const up = [...stage.members].every((member) => member.isUp);
  return {
    figures: {
      'p99 alone s': rounded(alone),
      'p99 among s': rounded(among),
      'heap %': Math.round(100 * ((await heapOf(stage)) / heap - 1)),
    },
    broken: expectThat(up, 'a member has ended'),
    late: expectThat(among <= 1.2 * alone, `p99 of healthy scenes ${rounded(among / alone)} times as long`),
  };
}

export const oddities: Disaster = {
  row: 9,
  what: '5 MB, 10 000 tiny ones at once, empty partition, tombstone, clock jumps',
  members: 1,
  async play(stage) {
    await stage.topics.limit(stage.input, 8_000_000);
    await stage.topics.create([`${stage.parts.name}-empty`], PARTITIONS);
    const huge = JSON.stringify({ href: `${stage.parts.stores.usual}/scene-00000.tif`, pad: 'x'.repeat(5_000_000) });
    await stage.feed(Promise.resolve(), (n) => ({ key: `steady-${n}` }));
    await stage.send([{ value: huge }, { value: null }, { value: '' }]);
    const tiny = Math.min(10_000, 20 * stage.parts.messages);
    for (let sent = 0; sent < tiny; sent += 1000)
      await stage.send(Array.from({ length: Math.min(1000, tiny - sent) }, () => ({ value: '{}' })));
    await stage.settle();
    const broken = await clockJumps(stage);
    const up = [...stage.members].every((member) => member.isUp);
    // To kafkajs a jump forward is a time-out of all that is on its way: it is sent again, with the same event ids.
    const repeats = JUMPS.length * LANES;
    const codes = await stage.codes();
    const odd = Object.keys(codes).filter((code) => code !== 'message.malformed');
    return {
      repeats,
      figures: { tiny, jumps: JUMPS.length, ...codes },
      broken: [
        ...broken,
        ...expectThat(up, 'a member has ended'),
        ...expectThat(odd.length === 0, `good messages among the dead letters: ${odd.join(', ')}`),
      ],
    };
  },
};

const JUMPS = ['+12h', '-12h', '+0'];

/** Of one member, while messages come at the steady rate; the other one has gone, so that all are its own. */
async function clockJumps(stage: Stage): Promise<string[]> {
  const clock = await jumpingClock();
  if (clock === undefined) return ['clock jumps were not played: run ops/setup/faketime.sh'];
  try {
    const before = [...stage.members];
    await stage.join(clock.environment);
    for (const member of before) await stage.leave(member, (member) => member.stop());
    const jump = async () => {
      for (const offset of JUMPS) {
        await sleep(4000);
        await clock.jump(offset);
      }
      await sleep(4000);
    };
    await stage.feed(jump());
    await stage.settle();
    return [];
  } finally {
    await clock.close();
  }
}

const SOAK = 10_000;
const WARM = 0.2;

export const soak: Disaster = {
  row: 10,
  what: 'soak with the real model',
  members: 1,
  settings: { SACCADE_MODEL: 'models/harbour' },
  async play(stage) {
    const total = stage.parts.messages >= 6000 ? SOAK : stage.parts.messages;
    const half = async (messages: number) => {
      for (let sent = 0; sent < messages; sent += 200) {
        await stage.send(Array.from({ length: Math.min(200, messages - sent) }, () => ({})));
        await stage.settle();
      }
    };
    await half(WARM * total);
    const [member] = stage.members;
    if (member === undefined) throw new Error('no member is left');
    const before = await figures(member);
    await half((1 - WARM) * total);
    const after = await figures(member);
    const perThousand = (after.megabytes - before.megabytes) / (((1 - WARM) * total) / 1000);
    return {
      figures: {
        scenes: total,
        'MB per 1000': rounded(perThousand),
        tensors: after.tensors - before.tensors,
        handles: after.handles - before.handles,
      },
      broken: [
        ...expectThat(after.tensors <= before.tensors, `${after.tensors - before.tensors} tensors more`),
        ...expectThat(perThousand <= 1, `RSS + ${rounded(perThousand)} MB per 1000 scenes`),
        ...expectThat(after.handles <= before.handles + 2, `${after.handles - before.handles} handles more`),
      ],
    };
  },
};

async function figures(member: Member) {
  await sleep(5000);
  return {
    tensors: await member.metric('saccade_tensors'),
    megabytes: (await member.metric('process_resident_memory_bytes')) / 1e6,
    handles: await member.metric('nodejs_active_handles'),
  };
}

async function heapOf(stage: Stage): Promise<number> {
  const bytes = await Promise.all([...stage.members].map((member) => member.metric('nodejs_heap_size_used_bytes')));
  return Math.max(...bytes);
}
