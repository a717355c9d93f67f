import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/setup/free-port.ts';

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const START_SECONDS = 60;

/** One `saccade run`: the real program, with its health on a port of its own. */
export class Member {
  readonly #process: ChildProcess;
  readonly #port: number;
  readonly #end: Promise<number | null>;
  #log = '';
  #hasEnded = false;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.#port = port;
    process.stderr?.on('data', (chunk) => {
      this.#log = `${this.#log}${chunk}`.slice(-4000);
    });
    process.stdout?.resume();
    this.#end = new Promise((resolve) => {
      const end = (code: number | null) => {
        this.#hasEnded = true;
        resolve(code);
      };
      process.on('close', end).on('error', (error) => {
        this.#log += error.message; // it could not even be started
        end(null);
      });
    });
  }

  /** @param around a program to run it under, such as `faketime` */
  static async start(environment: Readonly<Record<string, string>>, around: readonly string[] = []): Promise<Member> {
    const port = await freePort();
    const { PATH } = process.env;
    const http = { SACCADE_HTTP_PORT: String(port), SACCADE_HTTP_HOST: '127.0.0.1' };
    // The system kills the member when this process ends, however it ends.
    const command = ['--pdeathsig', 'KILL', ...around, process.execPath, main, 'run'];
    return new Member(spawn('setpriv', command, { env: { PATH, ...environment, ...http } }), port);
  }

  get isUp(): boolean {
    return !this.#hasEnded;
  }

  /** The end of what it has written. */
  get log(): string {
    return this.#log;
  }

  /** Why it is not ready; undefined when nothing answers. */
  async reasons(): Promise<string[] | undefined> {
    const answer = await this.#ask('readyz');
    return answer === undefined ? undefined : (JSON.parse(answer) as { reasons: string[] }).reasons;
  }

  async isReady(): Promise<boolean> {
    return (await this.reasons())?.length === 0;
  }

  /** @throws {Error} with the end of its log when it ends, or is not ready in time */
  async untilReady(): Promise<void> {
    for (const end = performance.now() + 1000 * START_SECONDS; performance.now() < end; await sleep(100)) {
      if (this.#hasEnded) break;
      if (await this.isReady()) return;
    }
    throw new Error(`a member did not become ready: ${this.#log}`);
  }

  /** The sum of a metric over its labels. */
  async metric(name: string): Promise<number> {
    const lines = ((await this.#ask('metrics')) ?? '').split('\n');
    const found = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return found.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** SIGTERM. @returns its exit code and how long it took */
  async stop(): Promise<{ readonly code: number | null; readonly seconds: number }> {
    const since = performance.now();
    this.signal('SIGTERM');
    const code = await this.#end;
    return { code, seconds: (performance.now() - since) / 1000 };
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#end;
  }

  signal(name: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#process.kill(name);
  }

  async #ask(path: string): Promise<string | undefined> {
    try {
      return await (
        await fetch(`http://127.0.0.1:${this.#port}/${path}`, { signal: AbortSignal.timeout(2000) })
      ).text();
    } catch {
      return undefined;
    }
  }
}
