import { join } from 'node:path';
import type { TemporalConfig } from '../../temporal/connection.js';
import { devFileOf, readDevFile } from '../dev-file.js';
import type { DoctorConfiguration } from './deps.js';

/** What is to be checked; absent is what nothing names. */
export type Installation = {
  readonly databaseUrl: string | undefined;
  readonly merchantsFile: string | undefined;
  readonly publicUrl: string | undefined;
  readonly checkoutKeyFile: string | undefined;
  readonly workers: number;
  readonly deployment: DoctorConfiguration['deployment'];
  readonly temporal: TemporalConfig | undefined;
  /** Where the settings come from that the environment does not name. */
  readonly devFile: string | null;
};

/** The environment's settings, completed by those of the embedded stack that runs in `home`. */
export async function findInstallation(given: DoctorConfiguration): Promise<Installation> {
  const { home, databaseUrl, merchantsFile, publicUrl, checkoutKeyFile, workers, deployment } = given;
  // One that cannot be read says nothing: then there is no stack to speak of.
  const dev = await readDevFile(home).catch(() => undefined);
  const named = { databaseUrl, merchantsFile, publicUrl, checkoutKeyFile, workers, deployment };
  if (dev?.apiUrl === undefined || dev.temporalAddress === undefined || dev.databaseUrl === undefined)
    return { ...named, temporal: given.temporal, devFile: null };
  return {
    ...{ workers, deployment },
    databaseUrl: databaseUrl ?? dev.databaseUrl,
    merchantsFile: merchantsFile ?? join(home, 'merchants.json'),
    publicUrl: publicUrl ?? dev.apiUrl,
    checkoutKeyFile: checkoutKeyFile ?? join(home, 'checkout.key'),
    // A person's own profile is for a server of theirs, not for the embedded one.
    temporal: given.namesTemporal
      ? given.temporal
      : { connection: { address: dev.temporalAddress }, namespace: given.embeddedNamespace },
    devFile: devFileOf(home),
  };
}
