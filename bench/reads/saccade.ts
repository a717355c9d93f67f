import type { Level } from '../../src/sources/cog.ts';
import { type SceneReader, sceneReader } from '../../src/sources/scene-reader.ts';
import type { Read } from './client.ts';
import { overviewSide, windowSide, windows } from './scene.ts';

const { signal } = new AbortController();
/** Connections may be kept, headers are not: each reader shall read the same. */
const settings = { allowPrivate: true, root: undefined, timeoutSeconds: 30, headerCacheBytes: 0 };

/** Our own reader: header, overview and windows one after the other, or the first two in one read of a guessed size. */
export function saccade({ trips }: { readonly trips: 2 | 3 }): Read {
  const firstReadBytes = trips === 2 ? 573_440 : 32_768;
  let kept: SceneReader | undefined;
  return async (url, { keep }) => {
    const reader = (keep ? kept : undefined) ?? sceneReader({ ...settings, firstReadBytes });
    const before = kept;
    kept = keep ? reader : undefined;
    if (before !== undefined && before !== reader) await before.close();
    const cog = await reader.open(url, signal);
    const level = cog.levels.findIndex(({ width }: Level) => width === overviewSide);
    const whole = { x: 0, y: 0, width: overviewSide, height: overviewSide };
    const overview = await cog.read(level, [whole], signal);
    const places = windows.map(([x, y]) => ({ x, y, width: windowSide, height: windowSide }));
    const patches = await cog.read(0, places, signal);
    if (!keep) await reader.close();
    return [...overview, ...patches].map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  };
}
