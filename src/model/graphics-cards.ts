import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A graphics card as NVIDIA's driver describes it. */
export type GraphicsCard = {
  readonly name: string;
  /** Of all programs together, bytes; null where the driver does not tell. */
  readonly memory: { readonly used: number; readonly total: number } | null;
};

const QUERY = ['--query-gpu=name,memory.used,memory.total', '--format=csv,noheader,nounits'];
const TIMEOUT_MILLISECONDS = 10_000;

/** The cards of this machine; none where NVIDIA's driver is not installed or does not answer. */
export async function graphicsCards(): Promise<GraphicsCard[]> {
  try {
    return readCards((await promisify(execFile)('nvidia-smi', QUERY, { timeout: TIMEOUT_MILLISECONDS })).stdout);
  } catch {
    return [];
  }
}

/** Reads a line for each card: its name, and its memory in MiB. */
export function readCards(csv: string): GraphicsCard[] {
  const lines = csv.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [name = '', ...mebibytes] = line.split(',').map((field) => field.trim());
    const [used = Number.NaN, total = Number.NaN] = mebibytes.map((text) => Number(text) * 2 ** 20);
    return { name, memory: Number.isFinite(used + total) ? { used, total } : null };
  });
}
