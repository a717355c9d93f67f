import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/errors.ts';
import { loadConfig } from '../src/load-config.ts';

async function settingsFile(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'saccade-config-')), 'saccade.yaml');
  await writeFile(file, text);
  return file;
}

async function mistakes(environment: Record<string, string>, file?: string): Promise<readonly string[]> {
  const error: unknown = await loadConfig(environment, file).catch((e: unknown) => e);
  if (!(error instanceof UsageError)) throw new Error('expected a UsageError');
  return error.mistakes;
}

describe('loadConfig', () => {
  it('needs nothing: every setting has a default', async () => {
    const config = await loadConfig({ PATH: '/bin' });
    expect(config).toMatchObject({ lanes: 4, seed: 0, backend: 'auto', kafka: { brokers: [] }, http: { port: 0 } });
    expect(config.model).toMatch(/models\/harbour$/);
  });

  it('takes the environment over the file over the defaults', async () => {
    const file = await settingsFile('lanes: 2\nseed: 7\nkafka:\n  group: night\n');
    const config = await loadConfig({ SACCADE_LANES: '9', SACCADE_KAFKA_BROKERS: 'a:9092, b:9093' }, file);
    expect(config.lanes).toBe(9);
    expect(config.seed).toBe(7);
    expect(config.kafka).toMatchObject({ group: 'night', brokers: ['a:9092', 'b:9093'], inputTopic: 'scenes' });
  });

  it('reads booleans, and counts an empty variable as unset', async () => {
    const config = await loadConfig({
      SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
      SACCADE_SCENES_ANY_RESOLUTION: '1',
      SACCADE_SEED: '',
    });
    expect([config.sources.allowPrivate, config.scenes.anyResolution, config.seed]).toEqual([true, true, 0]);
  });

  it('reads what hosts are shown, and never repeats it', async () => {
    const shown = { headers: { authorization: 'SECRET' }, query: '' };
    const SACCADE_SOURCES_HOSTS = JSON.stringify({ 'a.example': { headers: shown.headers } });
    expect((await loadConfig({ SACCADE_SOURCES_HOSTS })).sources.hosts).toEqual({ 'a.example': shown });
    const file = await settingsFile('sources:\n  hosts:\n    a.example:\n      headers: SECRET\n');
    for (const wrong of ['SECRET', '{"a.example":{"query":7,"headers":{"a":["SECRET"]}}}'])
      for (const line of await mistakes({ SACCADE_SOURCES_HOSTS: wrong }, file))
        expect(line).toMatch(/^SACCADE_SOURCES_HOSTS(?!.*SECRET)/);
    expect((await mistakes({}, file))[0]).toMatch(/^(?!.*SECRET).*sources\.hosts\.a\.example\.headers/);
  });

  it('reads ports as numbers, and says which is none', async () => {
    expect((await loadConfig({ SACCADE_SOURCES_PORTS: '443, 8443' })).sources.ports).toEqual([443, 8443]);
    expect(await mistakes({ SACCADE_SOURCES_PORTS: '443,x' })).toEqual([
      expect.stringContaining('SACCADE_SOURCES_PORTS'),
    ]);
    const file = await settingsFile('sources:\n  ports: [true]\n');
    expect(await mistakes({}, file)).toEqual([expect.stringContaining('sources.ports.0')]);
  });

  it('takes what Kubernetes says of services called saccade and saccade-http for no settings', async () => {
    const links = {
      SACCADE_SERVICE_HOST: '10.0.0.1',
      SACCADE_SERVICE_PORT: '9464',
      SACCADE_SERVICE_PORT_METRICS: '9464',
      SACCADE_PORT: 'tcp://10.0.0.1:9464',
      SACCADE_PORT_9464_TCP: 'tcp://10.0.0.1:9464',
      SACCADE_PORT_9464_TCP_PROTO: 'tcp',
      SACCADE_PORT_9464_TCP_PORT: '9464',
      SACCADE_PORT_9464_TCP_ADDR: '10.0.0.1',
      SACCADE_HTTP_SERVICE_HOST: '10.0.0.2',
      SACCADE_HTTP_PORT: 'tcp://10.0.0.2:80',
    };
    expect((await loadConfig(links)).http.port).toBe(0);
    expect((await loadConfig({ ...links, SACCADE_HTTP_PORT: '9464' })).http.port).toBe(9464);
    const file = await settingsFile('http:\n  port: 70000\n');
    expect(await mistakes(links, file)).toEqual([expect.stringContaining(`${file}: http.port: Too big`)]);
  });

  it('lists every mistake at once, each under the name it was given by', async () => {
    const file = await settingsFile('lanes: 0\nkafka:\n  inputTopik: x\nhttp:\n  port: "x"\n');
    const environment = {
      SACCADE_HTTP_PORT: '99999',
      SACCADE_SEED: 'four',
      SACCADE_LANE: '3',
      SACCADE_KAFKA_BROKERS: 'nowhere',
    };
    const found = await mistakes(environment, file);
    expect(found).toHaveLength(6);
    expect(found.join('\n')).toContain(`${file}: lanes: Too small: expected number to be >=1 (got 0)`);
    expect(found.join('\n')).toContain('SACCADE_HTTP_PORT: Too big: expected number to be <=65535 (got 99999)');
    expect(found.join('\n')).toContain('SACCADE_SEED: expected number, received string (got "four")');
    expect(found.join('\n')).toContain('SACCADE_KAFKA_BROKERS: expected host:port (got "nowhere")');
    expect(found.join('\n')).toContain('SACCADE_LANE is no setting; did you mean SACCADE_LANES?');
    expect(found.join('\n')).toContain('kafka.inputTopik is no setting; did you mean kafka.inputTopic?');
  });

  it('refuses topics that would send messages round in circles', async () => {
    expect(await mistakes({ SACCADE_KAFKA_OUTPUT_TOPIC: 'scenes' })).toEqual([
      expect.stringContaining('must be different topics'),
    ]);
  });

  it('refuses a file that is missing, not YAML or not a mapping', async () => {
    expect(await mistakes({}, '/nowhere/saccade.yaml')).toEqual([expect.stringContaining('cannot read')]);
    expect(await mistakes({}, await settingsFile('a: [1'))).toEqual([expect.stringContaining('is not YAML')]);
    expect(await mistakes({}, await settingsFile('- 1'))).toEqual([expect.stringContaining('must hold settings')]);
  });

  it('says in one line where a file is not YAML, and repeats none of it: it may hold what hosts are shown', async () => {
    const file = await settingsFile(
      'sources:\n  hosts:\n    a.example:\n      headers: {authorization: Bearer: SECRET}\n',
    );
    expect(await mistakes({}, file)).toEqual([
      expect.stringMatching(/is not YAML: (?!.*SECRET).* at line 4, column \d+$/),
    ]);
  });

  it('is frozen throughout', async () => {
    const config = await loadConfig({});
    expect(Object.isFrozen(config) && Object.isFrozen(config.kafka) && Object.isFrozen(config.kafka.brokers)).toBe(
      true,
    );
  });
});
