import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The clock of a process that jumps when it is told to; what counts only forward goes on evenly, as it does in life. */
export type JumpingClock = {
  /** For the process. */
  readonly environment: Readonly<Record<string, string>>;
  /** @param offset of true time, as libfaketime writes it: `+12h` */
  jump(offset: string): Promise<void>;
  close(): Promise<void>;
};

const LIBRARIES = '/usr/lib';

/** @returns undefined where `ops/setup/faketime.sh` has not put libfaketime */
export async function jumpingClock(): Promise<JumpingClock | undefined> {
  const places = await readdir(LIBRARIES).catch(() => []);
  // Of programs with threads, as Node.js is one.
  const found = places.map((place) => join(LIBRARIES, place, 'faketime/libfaketimeMT.so.1')).find(existsSync);
  if (found === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'saccade-clock-'));
  const file = join(folder, 'offset');
  const jump = (offset: string) => writeFile(file, `${offset}\n`);
  await jump('+0');
  return {
    environment: {
      LD_PRELOAD: found,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1', // as older versions call it
    },
    jump,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
