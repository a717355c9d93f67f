import { readFile } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { type Config, configSchema } from './config.ts';
import { UsageError } from './errors.ts';
import { type Setting, settingsTable } from './settings-table.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Tree = { [key: string]: unknown };

/**
 * The settings in force: defaults, overridden by a YAML file, overridden by the environment. An empty variable counts
 * as unset. `SACCADE_TEST_…` and `SACCADE_CACHE` belong to tests and set-up and are no settings, nor is what Kubernetes
 * says of its services.
 * @throws {UsageError} with every mistake at once
 */
export async function loadConfig(environment: Environment, file?: string): Promise<Config> {
  const settings = settingsTable();
  const given = file === undefined ? {} : await readSettings(file);
  const named = Object.entries(environment).filter(
    ([name, value = '']) => /^SACCADE_(?!TEST_|CACHE$)/.test(name) && !isServiceLink(name, value),
  );
  const unknown: string[] = [];
  for (const [name, value] of named) {
    const setting = settings.find((s) => s.env === name);
    if (setting === undefined)
      unknown.push(
        `${name} is no setting${didYouMean(
          name,
          settings.map((s) => s.env),
        )}`,
      );
    else if (value) assign(given, setting.path.split('.'), fromText(value, setting.type));
  }
  const result = configSchema.safeParse(given);
  const fromEnvironment = settings.filter((s) => named.some(([name, value]) => name === s.env && value));
  const malformed = result.success
    ? []
    : result.error.issues.flatMap((issue) => explain(issue, given, fromEnvironment, file));
  if (!result.success || unknown.length > 0) throw new UsageError([...malformed, ...unknown]);
  return deepFreeze(result.data);
}

/**
 * Kubernetes tells each container of the services in its namespace: of one called saccade by `SACCADE_SERVICE_HOST`,
 * `SACCADE_PORT=tcp://10.0.0.1:9464` and more like these, of one called saccade-http by `SACCADE_HTTP_PORT=tcp://…`.
 */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name)) return true;
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value);
}

async function readSettings(file: string): Promise<Tree> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError([`cannot read the settings file ${file}: ${error.message}`]);
  });
  try {
    const settings: unknown = parseYaml(text) ?? {};
    if (isTree(settings)) return settings;
  } catch (error) {
    // Below its first line is the text around the mistake, and with it perhaps what hosts are shown.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split(/:?\n/);
    throw new UsageError([`${file} is not YAML: ${reason}`]);
  }
  throw new UsageError([`${file} must hold settings by name, such as "lanes: 4"`]);
}

/** Text that does not read as its type stays text, so that the schema names the mistake. */
function fromText(value: string, type: Setting['type']): unknown {
  if (type === 'list') return value.split(',').map((item) => item.trim());
  if (type === 'number') return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value);
  if (type === 'record') return fromJson(value);
  if (type === 'boolean' && /^(true|1|false|0)$/.test(value)) return value === 'true' || value === '1';
  return value;
}

function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function assign(tree: Tree, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const branch = tree[key];
  const next: Tree = isTree(branch) ? branch : {};
  tree[key] = next;
  assign(next, rest, value);
}

/** One line per mistake, under the name by which the value was given. */
function explain(
  issue: z.core.$ZodIssue,
  given: Tree,
  environment: readonly Setting[],
  file: string | undefined,
): string[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = settingsTable().map((s) => s.path);
    const names = issue.keys.map((key) => (path ? `${path}.${key}` : key));
    return names.map((name) => `${file}: ${name} is no setting${didYouMean(name, known)}`);
  }
  const variable = environment.find((s) => path === s.path || path.startsWith(`${s.path}.`))?.env;
  const name = variable ?? (file === undefined ? path : `${file}: ${path}`);
  // What hosts are shown is secret.
  const untold = issue.code === 'custom' || path.startsWith('sources.hosts');
  const value = untold ? '' : ` (got ${JSON.stringify(valueAt(given, issue.path))})`;
  return [`${name}: ${issue.message.replace('Invalid input: ', '')}${value}`];
}

function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((branch, key) => (branch instanceof Object ? Reflect.get(branch, key) : undefined), tree);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function didYouMean(name: string, known: readonly string[]): string {
  const [best] = known.map((k) => ({ k, d: distance(name, k) })).sort((a, b) => a.d - b.d);
  return best !== undefined && best.d <= Math.max(2, name.length / 4) ? `; did you mean ${best.k}?` : '';
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
