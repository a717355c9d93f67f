import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Saccade = {
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Sends SIGTERM, unless it has ended, and waits for the end. */
  stop(): Promise<number | null>;
  /** The same with SIGINT, as Ctrl-C does. */
  interrupt(): Promise<number | null>;
  /** Ends it without a word (SIGKILL). */
  kill(): Promise<number | null>;
  /** Writes to its open stdin. */
  say(text: string): void;
  /** Resolves once it has written this to stderr. */
  told(text: string): Promise<void>;
  ended(): Promise<number | null>;
};

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/**
 * The real program, compiled (`npm run build`), with this environment and nothing of ours but the path.
 * @param stdin all there is to read, or `open` for a stream in which nothing comes
 */
export function spawnSaccade(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  stdin = '',
): Saccade {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env['PATH'], ...environment } });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.stderr += chunk;
  });
  if (stdin !== 'open') child.stdin.end(stdin);
  const end = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  return {
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    stop() {
      child.kill('SIGTERM');
      return end;
    },
    interrupt() {
      child.kill('SIGINT');
      return end;
    },
    kill() {
      child.kill('SIGKILL');
      return end;
    },
    say: (text) => void child.stdin.write(text),
    told: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => text.stderr.includes(wanted) && resolve();
        child.stderr.on('data', look);
        end.then(() => reject(new Error(`ended without saying "${wanted}": ${text.stderr}`)));
        look();
      }),
    ended: () => end,
  };
}
