import { SceneError } from '../../errors.ts';
import type { ObjectName } from './object-name.ts';

/** An account of Azure's, from the variables that its tools share. */
export type AzureAccount = {
  readonly account: string | undefined;
  /** A shared access signature: a query. */
  readonly signature: string | undefined;
};

export function azureAccount(environment: Readonly<Record<string, string | undefined>>): AzureAccount {
  const { AZURE_STORAGE_ACCOUNT: account, AZURE_STORAGE_SAS_TOKEN: signature } = environment;
  return { account: account || undefined, signature: signature || undefined };
}

/**
 * The address of a blob, signed where there is a signature.
 * @throws {SceneError} `source.refused` without an account
 */
export function azUrl({ bucket, path }: ObjectName, { account, signature = '' }: AzureAccount): URL {
  if (account === undefined || !/^[a-z0-9]{3,24}$/.test(account))
    throw new SceneError('source.refused', `az://${bucket}: AZURE_STORAGE_ACCOUNT names no account`);
  const url = new URL(`https://${account}.blob.core.windows.net/${bucket}/${path}`);
  url.search = signature;
  return url;
}

/** Azure takes bearer tokens only from requests that name a version of its interface. */
export const azHeaders = { 'x-ms-version': '2021-08-06' } as const;
