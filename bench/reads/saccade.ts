import type { Level } from '../../src/sources/cog.ts';
import { type SceneReader, sceneReader } from '../../src/sources/scene-reader.ts';
import type { Read } from './client.ts';
import { overviewSide, windowSide, windows } from './scene.ts';

const { signal } = new AbortController();
const settings = { allowPrivate: true, roots: [], timeoutSeconds: 30, firstReadBytes: 32_768 };

/** What is known when a scene comes: nothing; of its host, how much to read first; of the file, its header. */
export type Known = 'nothing' | 'host' | 'header';

/** Our own reader: header, overview and windows one after the other, or the first two in one, or without the first. */
export function saccade(known: Known): Read {
  let kept: SceneReader | undefined;
  let first: string | undefined;
  return async (url, { keep }) => {
    const reader = kept ?? sceneReader({ ...settings, twoTrips: known === 'host' });
    first ??= url;
    const pixels = await readScene(reader, known === 'header' ? first : url);
    kept = keep || known !== 'nothing' ? reader : undefined;
    if (kept === undefined) await reader.close();
    return pixels;
  };
}

async function readScene(reader: SceneReader, url: string): Promise<Uint8Array[]> {
  const cog = await reader.open(url, signal);
  const level = cog.levels.findIndex(({ width }: Level) => width === overviewSide);
  const whole = { x: 0, y: 0, width: overviewSide, height: overviewSide };
  const overview = await cog.read(level, [whole], signal);
  const places = windows.map(([x, y]) => ({ x, y, width: windowSide, height: windowSide }));
  const patches = await cog.read(0, places, signal);
  return [...overview, ...patches].map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
