import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kafkaJars } from '../setup/kafka-jars.ts';
import { parts, softwareVulkan } from '../setup/parts.ts';

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'saccade-cache-'));
});

afterEach(() => rm(cache, { recursive: true }));

/** @param args of `ops/setup/SCRIPT.sh`; @param own whether it gets an empty cache instead of the real one */
function setUp(script: string, args: string[] = [], own = false): Promise<{ code: number; stdout: string }> {
  const env = own ? { ...process.env, SACCADE_CACHE: cache } : process.env;
  return new Promise((resolve) => {
    execFile(`ops/setup/${script}.sh`, args, { env }, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout });
    });
  });
}

describe.skipIf(!parts.tensorflow)('tensorflow.sh, needs tensorflow', () => {
  it('says which library multiplies matrices here', async () => {
    const { code, stdout } = await setUp('tensorflow', ['--check']);
    expect(stdout).toMatch(/^tensorflow: ready \(TensorFlow 2\.\d+\.\d+ on the [CG]PU\)\n$/);
    expect(code).toBe(0);
  });
});

describe.skipIf(!parts.kafka)('kafka.sh, needs kafka', () => {
  it('ends ready twice when it is run twice at once', async () => {
    const both = await Promise.all([setUp('kafka'), setUp('kafka')]);
    const ready = { code: 0, stdout: `kafka: ready (Apache Kafka 4.4.0 in ${kafkaJars})\n` };
    expect(both).toEqual([ready, ready]);
  });

  it('says in one line what is missing and which script brings it', async () => {
    const { code, stdout } = await setUp('kafka', ['--check'], true);
    expect(stdout).toBe('kafka: missing: the jars of Apache Kafka 4.4.0 (run: ops/setup/kafka.sh)\n');
    expect(code).toBe(1);
  });

  it('clears away what a killed run has left', async () => {
    await mkdir(join(cache, 'kafka.work.killed'));
    await mkdir(join(cache, basename(kafkaJars)));
    expect((await setUp('kafka', [], true)).code).toBe(0);
    expect((await readdir(cache)).sort()).toEqual([basename(kafkaJars), 'kafka.lock']);
  });
});

describe.skipIf(!parts.gdal)('gdal.sh, needs gdal', () => {
  it('names the version that is ready', async () => {
    expect((await setUp('gdal', ['--check'])).stdout).toMatch(/^gdal: ready \(\d+\.\d+\.\d+\)\n$/);
  });
});

describe.skipIf(!parts.promtool)('prometheus.sh, needs promtool', () => {
  it('names the version that is ready', async () => {
    expect((await setUp('prometheus', ['--check'])).stdout).toMatch(/^prometheus: ready \(promtool \d+\.\d+\.\d+\)\n$/);
  });
});

describe.skipIf(!parts.nodes)('nodes.sh, needs nodes', () => {
  it('names the versions that are ready, those of the lines that Saccade supports', async () => {
    const { code, stdout } = await setUp('nodes', ['--check']);
    expect(stdout).toMatch(/^nodes: ready \(Node\.js 20\.\d+\.\d+ 22\.\d+\.\d+ 24\.\d+\.\d+ 26\.\d+\.\d+ in .*\)\n$/);
    expect(code).toBe(0);
  });

  it('says in one line what is missing and which script brings it', async () => {
    const { code, stdout } = await setUp('nodes', ['--check'], true);
    expect(stdout).toMatch(/^nodes: missing: Node\.js 20\.\d+\.\d+ \(run: ops\/setup\/nodes\.sh\)\n$/);
    expect(code).toBe(1);
  });
});

describe.skipIf(!parts.webgpu)('webgpu.sh, needs webgpu', () => {
  it('says which driver multiplies matrices here, and how programs are told of it', async () => {
    const { code, stdout } = await setUp('webgpu', ['--check']);
    const { VK_ICD_FILENAMES } = softwareVulkan;
    expect(stdout).toMatch(
      /^webgpu: ready \(SwiftShader driver \d+\.\d+\.\d+ on the CPU, with VK_ICD_FILENAMES=.+\)\n$/,
    );
    expect(stdout).toContain(VK_ICD_FILENAMES);
    expect(code).toBe(0);
  });

  it('says in one line that the driver is missing, and which script brings it', async () => {
    const { code, stdout } = await setUp('webgpu', ['--check'], true);
    expect(stdout).toBe('webgpu: missing: a driver that computes on the processor (run: ops/setup/webgpu.sh)\n');
    expect(code).toBe(1);
  });
});

describe('nodes-oldest.txt', () => {
  it('names the versions from which on package.json allows each line', async () => {
    const pins = await readFile('ops/setup/nodes-oldest.txt', 'utf8');
    const { engines } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(pins.match(/^[\d.]+/gm)).toEqual(engines.node.match(/[\d.]+/g));
  });
});

describe('every set-up script', () => {
  it.each(['tensorflow', 'kafka', 'gdal', 'prometheus', 'nodes', 'webgpu', 'faketime'])(
    '%s.sh names the options that it knows',
    async (script) => {
      const { code, stdout } = await setUp(script, ['--wrong']);
      expect(stdout).toMatch(/^\w+: missing: an option that it knows \(got --wrong; it has --\w+(, --\w+)*\)\n$/);
      expect(code).toBe(1);
    },
  );
});
