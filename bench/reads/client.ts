/** A warm process that reads the scene with the reader named on its command line, as often as it is asked on stdin. */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ReadAnswer, ReadRequest } from './scene.ts';

/** Reads the scene once. @returns the overview's pixels and those of each window */
export type Read = (url: string, options: { readonly keep: boolean }) => Promise<readonly Uint8Array[]>;

const [name = ''] = process.argv.slice(2);
const read = await reader(name);

for await (const line of createInterface({ input: process.stdin })) {
  const request: ReadRequest = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await measure(request))}\n`);
}
process.exit();

async function measure({ url, keep, pixels }: ReadRequest): Promise<ReadAnswer> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  try {
    const parts = await read(url, { keep });
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    if (pixels !== undefined) writeFileSync(pixels, Buffer.concat(parts));
    return { ms, cpuMs: (user + system) / 1000 };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Only the one that is measured is loaded. */
async function reader(name: string): Promise<Read> {
  if (name === 'saccade-3') return (await import('./saccade.ts')).saccade('nothing');
  if (name === 'saccade-2' || name === 'saccade-2-room') return (await import('./saccade.ts')).saccade('host');
  if (name === 'saccade-header') return (await import('./saccade.ts')).saccade('header');
  if (name === 'geotiff') return (await import('./geotiff-js.ts')).geotiffJs({});
  if (name === 'geotiff-64k') return (await import('./geotiff-js.ts')).geotiffJs({ blockSize: 65_536 });
  if (name === 'cogeotiff') return (await import('./cogeotiff.ts')).cogeotiff();
  throw new Error(`no reader is called ${name}`);
}
