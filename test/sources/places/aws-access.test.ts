import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsAccess } from '../../../src/sources/places/aws-access.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'saccade-aws-'));
  await mkdir(join(home, '.aws'));
  const credentials =
    '[default]\naws_access_key_id = ID\naws_secret_access_key=SECRET\n\n[night]\r\naws_access_key_id=N\r\naws_secret_access_key=S\r\naws_session_token=T\r\n';
  const config =
    '[default]\nregion = eu-west-1\ns3 =\n  region = wrong\n[profile night]\nregion=eu-north-1\nendpoint_url=http://minio:9000\n[profile sso]\nsso_session = x\nregion=us-east-2\n';
  await writeFile(join(home, '.aws', 'credentials'), credentials);
  await writeFile(join(home, '.aws', 'config'), config);
});
afterAll(() => rm(home, { recursive: true }));

describe('awsAccess', () => {
  it('asks for nothing where there is nothing', async () => {
    expect(await awsAccess({ HOME: '/nowhere' })()).toEqual({
      credentials: undefined,
      region: 'us-east-1',
      endpoint: undefined,
      requesterPays: false,
    });
  });

  it('takes variables over files', async () => {
    const environment = {
      HOME: home,
      AWS_ACCESS_KEY_ID: 'A',
      AWS_SECRET_ACCESS_KEY: 'B',
      AWS_REGION: 'ap-south-1',
      AWS_ENDPOINT_URL: 'https://store.example',
      AWS_REQUEST_PAYER: 'requester',
    };
    expect(await awsAccess(environment)()).toEqual({
      credentials: { accessKeyId: 'A', secretAccessKey: 'B' },
      region: 'ap-south-1',
      endpoint: new URL('https://store.example'),
      requesterPays: true,
    });
  });

  it('takes the default profile, or the one that is named, of both files', async () => {
    expect(await awsAccess({ HOME: home })()).toMatchObject({
      credentials: { accessKeyId: 'ID', secretAccessKey: 'SECRET' },
      region: 'eu-west-1',
    });
    expect(await awsAccess({ HOME: home, AWS_PROFILE: 'night' })()).toMatchObject({
      credentials: { accessKeyId: 'N', secretAccessKey: 'S', sessionToken: 'T' },
      region: 'eu-north-1',
      endpoint: new URL('http://minio:9000'),
    });
    const elsewhere = { AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws', 'credentials'), AWS_PROFILE: 'night' };
    expect((await awsAccess(elsewhere)()).credentials?.accessKeyId).toBe('N');
  });

  it('signs nothing where it is told so', async () => {
    expect((await awsAccess({ HOME: home, AWS_NO_SIGN_REQUEST: 'YES' })()).credentials).toBeUndefined();
  });

  it('refuses a profile that is named and has no keys, until it has', async () => {
    const access = awsAccess({ HOME: home, AWS_PROFILE: 'sso' });
    await expect(access()).rejects.toMatchObject({ code: 'source.forbidden', message: expect.stringContaining('sso') });
    await writeFile(join(home, '.aws', 'credentials'), '[sso]\naws_access_key_id=X\naws_secret_access_key=Y\n');
    expect((await access()).credentials?.accessKeyId).toBe('X');
  });
});
