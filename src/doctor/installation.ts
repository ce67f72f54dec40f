import { join } from 'node:path';
import { devFileOf, readDevFile } from '../cli/kit/dev-file.js';
import type { TemporalConfig } from '../temporal/connection.js';

/** What is to be checked; absent is what nothing names. */
export type Installation = Settings & {
  readonly temporal: TemporalConfig | undefined;
  /** Where the settings come from that the environment does not name. */
  readonly devFile: string | null;
};

type Settings = {
  readonly databaseUrl: string | undefined;
  readonly merchantsFile: string | undefined;
  readonly publicUrl: string | undefined;
  readonly checkoutKeyFile: string | undefined;
  /** Worker processes that are said to share the limits. */
  readonly workers: number;
  readonly deployment: { readonly name: string; readonly buildId: string } | undefined;
};

/** What the environment says; the doctor adds what a running embedded stack says in its `dev.json`. */
export type DoctorConfiguration = Settings & {
  readonly home: string;
  readonly temporal: TemporalConfig;
  /** False: the environment names no Temporal server, and a running embedded one is meant. */
  readonly namesTemporal: boolean;
  readonly embeddedNamespace: string;
};

/** The environment's settings, completed by those of the embedded stack that runs in `home`. */
export async function findInstallation(given: DoctorConfiguration): Promise<Installation> {
  const { home, temporal, namesTemporal, embeddedNamespace, ...settings } = given;
  // One that cannot be read says nothing: then there is no stack to speak of.
  const dev = await readDevFile(home).catch(() => undefined);
  if (dev?.apiUrl === undefined || dev.temporalAddress === undefined || dev.databaseUrl === undefined)
    return { ...settings, temporal, devFile: null };
  return {
    ...settings,
    databaseUrl: settings.databaseUrl ?? dev.databaseUrl,
    merchantsFile: settings.merchantsFile ?? join(home, 'merchants.json'),
    publicUrl: settings.publicUrl ?? dev.apiUrl,
    checkoutKeyFile: settings.checkoutKeyFile ?? join(home, 'checkout.key'),
    temporal: namesTemporal ? temporal : { connection: { address: dev.temporalAddress }, namespace: embeddedNamespace },
    devFile: devFileOf(home),
  };
}
