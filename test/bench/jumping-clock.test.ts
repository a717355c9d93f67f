import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { jumpingClock } from '../../bench/chaos/jumping-clock.ts';

const clock = await jumpingClock();

describe.skipIf(clock === undefined)('jumpingClock, needs faketime', () => {
  it('moves the time of a process that is told to, and not what counts only forward', async () => {
    await clock?.jump('+12h');
    const ask = 'process.stdout.write(JSON.stringify([Date.now(), performance.now()]))';
    const env = { ...process.env, ...clock?.environment };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', ask], { env });
    await clock?.close();
    const [now, sinceStart] = JSON.parse(stdout) as [number, number];
    expect((now - Date.now()) / 3_600_000).toBeCloseTo(12, 1);
    expect(sinceStart).toBeLessThan(3_600_000);
  });
});
