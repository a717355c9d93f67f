import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SceneError } from '../../errors.ts';

/** How S3 is spoken to, from the variables and files that the tools of AWS share. */
export type AwsAccess = {
  /** Undefined for unsigned requests, which read what is public. */
  readonly credentials: AwsCredentials | undefined;
  readonly region: string;
  /** Of a store other than AWS. */
  readonly endpoint: URL | undefined;
  /** Whether we pay for reading where the owner of a bucket does not. */
  readonly requesterPays: boolean;
};

export type AwsCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Files are read again after this time: whoever renews keys for a service writes them there. */
const KEPT_MS = 60_000;

/**
 * Static keys only: of `AWS_ACCESS_KEY_ID`, else of `AWS_PROFILE` in `~/.aws/credentials` and `~/.aws/config`. Roles,
 * SSO and the metadata service of a machine are not asked.
 * @returns asks for the access in force
 */
export function awsAccess(environment: Environment): () => Promise<AwsAccess> {
  let kept: { readonly access: Promise<AwsAccess>; readonly until: number } | undefined;
  return () => {
    if (kept === undefined || kept.until < Date.now()) {
      const access = readAccess(environment);
      kept = { access, until: Date.now() + KEPT_MS };
      access.catch(() => (kept = undefined)); // the next scene may find the file mended
    }
    return kept.access;
  };
}

/** The endpoint that the environment names; one named in a file must be opened by name where it is private. */
export function awsEndpoint(environment: Environment): URL | undefined {
  const text = environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL'];
  return text && URL.canParse(text) ? new URL(text) : undefined;
}

/** @throws {SceneError} `source.forbidden` where a profile is named that holds no keys */
async function readAccess(environment: Environment): Promise<AwsAccess> {
  const profile = await readProfile(environment);
  const endpoint = profile['endpoint_url'];
  return {
    credentials: /^(yes|true|1)$/i.test(environment['AWS_NO_SIGN_REQUEST'] ?? '')
      ? undefined
      : (fromEnvironment(environment) ?? fromProfile(profile, environment['AWS_PROFILE'])),
    region: environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || profile['region'] || 'us-east-1',
    endpoint: awsEndpoint(environment) ?? (endpoint && URL.canParse(endpoint) ? new URL(endpoint) : undefined),
    requesterPays: environment['AWS_REQUEST_PAYER'] === 'requester',
  };
}

function fromEnvironment(environment: Environment): AwsCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

type Profile = Readonly<Record<string, string>>;

function fromProfile(profile: Profile, name: string | undefined): AwsCredentials | undefined {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = profile;
  const sessionToken = profile['aws_session_token'];
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  if (!name) return undefined;
  throw new SceneError('source.forbidden', `AWS profile ${name} holds no static keys; roles and SSO are not followed`);
}

/** What both files say of the profile; credentials go before config, as AWS has it. */
async function readProfile(environment: Environment): Promise<Profile> {
  const folder = join(environment['HOME'] ?? '', '.aws');
  const name = environment['AWS_PROFILE'] || 'default';
  const [config, credentials] = await Promise.all([
    readText(environment['AWS_CONFIG_FILE'] || join(folder, 'config')),
    readText(environment['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials')),
  ]);
  return { ...section(config, name === 'default' ? name : `profile ${name}`), ...section(credentials, name) };
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** The settings of a section of an INI file; indented lines, which belong to nested settings, are left out. */
function section(text: string, wanted: string): Profile {
  const settings: Record<string, string> = {};
  let inside = false;
  for (const line of text.split(/\r?\n/)) {
    const [, header] = /^\[\s*(.+?)\s*\]/.exec(line) ?? [];
    if (header !== undefined) inside = header.replace(/\s+/g, ' ') === wanted;
    const [, key, value] = /^([a-z_0-9]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (inside && key !== undefined && value) settings[key] = value;
  }
  return settings;
}
