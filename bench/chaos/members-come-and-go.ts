import { setTimeout as sleep } from 'node:timers/promises';
import { type Disaster, expectThat, rounded } from './disaster.ts';
import type { Member } from './member.ts';
import { COMMIT_SECONDS, LANES, SESSION_SECONDS, type Stage } from './stage.ts';

/** Disasters of the members themselves: killed, stopped one after the other, coming and going, frozen. */

const KILLS = 20;
const STOPS = 10;
const STORM_SECONDS = 60;
const FROZEN_SECONDS = 60;
/** Between two kills the group must have noticed the first and gone on. */
const SECONDS_BETWEEN_KILLS = 2 * SESSION_SECONDS;

/** A run of so many messages plays each disaster as often as its line says, however long that takes. */
const FULL_RUN = 6000;

/** Times that fit into the feed of a short run, at most so many. */
function times(stage: Stage, most: number, secondsEach: number): number {
  if (stage.parts.messages >= FULL_RUN) return most;
  return Math.max(1, Math.min(most, Math.floor(stage.parts.messages / stage.parts.rate / secondsEach)));
}

function oldest(stage: Stage): Member {
  const [member] = stage.members;
  if (member === undefined) throw new Error('no member is left');
  return member;
}

export const killed: Disaster = {
  row: 1,
  what: 'a member of two is killed and started again',
  members: 2,
  async play(stage) {
    const kills = times(stage, KILLS, SECONDS_BETWEEN_KILLS);
    const kill = async () => {
      for (let n = 0; n < kills; n += 1) {
        await sleep((1000 * SECONDS_BETWEEN_KILLS) / 2);
        await stage.leave(oldest(stage), (member) => member.kill());
        await stage.join();
        await sleep((1000 * SECONDS_BETWEEN_KILLS) / 2);
      }
    };
    await stage.feed(kill());
    await stage.settle();
    // What was in its lanes, and what it has finished since its last commit.
    const each = LANES + Math.ceil(2 * COMMIT_SECONDS * stage.parts.rate);
    return { repeats: kills * each, figures: { kills } };
  },
};

export const rolling: Disaster = {
  row: 2,
  what: 'rolling SIGTERM, members 2 to 4 to 2',
  members: 2,
  async play(stage) {
    const drains: number[] = [];
    const codes: (number | null)[] = [];
    const stop = async () => {
      const { code, seconds } = await stage.leave(oldest(stage), (member) => member.stop());
      drains.push(seconds);
      codes.push(code);
    };
    const stops = times(stage, STOPS, 8);
    const roll = async () => {
      for (let n = 0; n < stops; n += 1) {
        await sleep(2000);
        await stage.join();
        await stop();
      }
      await Promise.all([stage.join(), stage.join()]);
      await sleep(3000);
      for (let n = 0; n < 2; n += 1) await stop();
    };
    await stage.feed(roll());
    await stage.settle();
    const longest = Math.max(...drains);
    return {
      figures: { stops: codes.length, 'longest drain s': rounded(longest) },
      broken: expectThat(
        codes.every((code) => code === 0),
        `exit codes ${codes.join(', ')}`,
      ),
      late: expectThat(longest <= 6, `a drain took ${rounded(longest)} s: the longest scene may take 5 s`),
    };
  },
};

export const storm: Disaster = {
  row: 3,
  what: 'a member joins or leaves every 3 s',
  members: 2,
  outputPartitions: 1,
  settings: { SACCADE_KAFKA_ORDERING: 'key' },
  async play(stage) {
    let pause = 0;
    const blow = async () => {
      const changes = times(stage, STORM_SECONDS / 3, 3);
      for (let n = 0; n < changes; n += 1) {
        await sleep(3000);
        if (stage.members.size < 4 && (n % 2 === 0 || stage.members.size < 2)) void stage.join().catch(() => {});
        else await stage.leave(oldest(stage), (member) => member.stop());
      }
      pause = await stage.progress();
    };
    await stage.feed(blow(), (n) => ({ key: `key-${n % 50}` }));
    await stage.settle();
    const late = expectThat(pause <= 5, `no progress for ${rounded(pause)} s after the last change`);
    // A member that leaves in good order repeats nothing.
    return { figures: { 'pause s': rounded(pause) }, late };
  },
};

export const frozen: Disaster = {
  row: 8,
  what: 'a member is frozen, then goes on',
  members: 2,
  async play(stage) {
    const freeze = async () => {
      await sleep(3000);
      const member = oldest(stage);
      member.signal('SIGSTOP');
      await sleep(1000 * Math.min(FROZEN_SECONDS, Math.max(15, stage.parts.messages / stage.parts.rate / 2)));
      member.signal('SIGCONT');
      await sleep(5000);
    };
    await stage.feed(freeze());
    await stage.settle();
    const up = [...stage.members].every((member) => member.isUp);
    // The new owner does again what lay in its lanes, and what was finished and not committed.
    const repeats = LANES + Math.ceil(2 * COMMIT_SECONDS * stage.parts.rate);
    return { repeats, broken: expectThat(up, 'a member has ended') };
  },
};
