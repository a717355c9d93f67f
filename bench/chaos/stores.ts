import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Handle, serveRanges } from '../../src/commands/range-server.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';

/** Stores of one small scene, each on a host of its own. */
export type Stores = {
  /** Answers in 20 to 500 ms; `/hang.tif` never, `/truncated.tif` with a part. */
  readonly usual: string;
  /** Answers two requests a second, one after the other. */
  readonly slow: string;
  /** Takes requests and answers none. */
  readonly hanging: string;
  close(): Promise<void>;
};

const FASTEST_MILLISECONDS = 20;
const SLOWEST_MILLISECONDS = 500;
const SLOW_MILLISECONDS = 500;

/** @param random numbers in (0, 1), for the latencies */
export async function openStores(random: Iterator<number, never>): Promise<Stores> {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-chaos-'));
  await makeHarbour({ directory: folder, scenes: 1, sizes: [512], seed: 3 });
  const scene = join(folder, 'scene-00000.tif');
  await writeFile(join(folder, 'truncated.tif'), (await readFile(scene)).subarray(0, 3000));
  await writeFile(join(folder, 'hang.tif'), '');
  await copyFile(scene, join(folder, 'bug.tif')); // the bug is in the member
  let turn = Promise.resolve();
  const inTurn = () => {
    turn = turn.then(() => sleep(SLOW_MILLISECONDS));
    return turn;
  };
  const pause = () =>
    sleep(FASTEST_MILLISECONDS * (SLOWEST_MILLISECONDS / FASTEST_MILLISECONDS) ** random.next().value);
  const before =
    (wait: (url: string) => Promise<unknown>) =>
    (handle: Handle): Handle => {
      return async (request, response, entry) => {
        const never = request.url?.includes('hang') ? once(response, 'close') : undefined;
        await (never ?? wait(request.url ?? ''));
        if (!response.destroyed) await handle(request, response, entry);
      };
    };
  const servers = await Promise.all([
    serveRanges(folder, { around: before(pause) }),
    serveRanges(folder, { around: before(inTurn) }),
    serveRanges(folder, { around: before(() => new Promise(() => {})) }),
  ]);
  const [usual, slow, hanging] = servers.map(({ url }) => url) as [string, string, string]; // as many as there are
  return {
    ...{ usual, slow, hanging },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
