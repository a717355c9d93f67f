import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

/** What webgpu computes on: Dawn, its implementation for Node, calls it an adapter. */
export type Adapter = {
  readonly name: string;
  /** Whether its driver computes on the processor, as those of SwiftShader and llvmpipe do. */
  readonly software: boolean;
};

export type NoAdapter = { readonly missing: string; readonly fix: string };

/** What WebGPU tells of an adapter. */
export type AdapterInfo = z.infer<typeof infoSchema>;

const infoSchema = z.object({
  vendor: z.string(),
  device: z.string(),
  description: z.string(),
  isFallbackAdapter: z.boolean(),
});

const QUESTION = `
const { create } = await import(process.argv[1]);
const adapter = await create([]).requestAdapter({ powerPreference: 'high-performance' });
await adapter?.requestDevice();
const { vendor, device, description, isFallbackAdapter } = adapter?.info ?? {};
process.stdout.write(JSON.stringify(adapter && { vendor, device, description, isFallbackAdapter }));
`;
const TIMEOUT_MILLISECONDS = 30_000;

/**
 * The adapter that webgpu would compute on here. Asked in a process of its own: drivers write on stderr what they lack,
 * and one that crashes takes its process with it.
 */
export async function findAdapter(): Promise<Adapter | NoAdapter> {
  let dawn: string;
  try {
    dawn = pathToFileURL(createRequire(import.meta.url).resolve('webgpu')).href;
  } catch {
    return { missing: 'the npm package webgpu is not installed', fix: 'run npm install --include=optional' };
  }
  try {
    const args = ['--input-type=module', '--eval', QUESTION, dawn];
    const asked = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT_MILLISECONDS });
    const info = infoSchema.nullable().parse(JSON.parse(asked.stdout));
    return info ? describeAdapter(info) : noAdapter(complaint(asked.stderr) ?? 'it has no driver');
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? complaint(String(error.stderr)) : undefined;
    return noAdapter(said ?? 'the library of the npm package webgpu does not run');
  }
}

function noAdapter(missing: string): NoAdapter {
  return { missing, fix: `install the GPU's ${process.platform === 'linux' ? 'Vulkan ' : ''}driver` };
}

/** A driver of a GPU needs the system's device file: where Linux has none, nobody needs to be asked. */
export function mayHaveGpu(): boolean {
  return process.platform !== 'linux' || ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some(existsSync);
}

export function describeAdapter({ vendor, device, description, isFallbackAdapter }: AdapterInfo): Adapter {
  const names = [device.replace(/-+$/, '') || vendor, description && `(${description})`];
  return { name: names.filter(Boolean).join(' ') || 'unknown', software: isFallbackAdapter };
}

/** The first line that warns or names an error, without the word. */
function complaint(text: string): string | undefined {
  return /^(?:Warning|Error|\w*Error): (.+)$/m.exec(text)?.[1]?.trim();
}
