import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mchid } from '../base/ids.js';
import type { Merchant } from '../channels/merchant.js';
import type { OutboundProxy } from '../channels/outward/proxy.js';
import { devFileOf, readDevFile } from '../cli/kit/dev-file.js';
import type { TemporalConfig } from '../temporal/connection.js';
import { checksOf, failed, ok, reaching, skipped, warning, type Checker, type Finding, type Reached } from './check.js';
import { closeFiles, codeOf, readableForAll } from './key-file.js';

export type ConfigurationDeps = {
  readonly configuration: () => DoctorConfiguration;
  readonly loadMerchants: (file: string) => Promise<Merchants>;
  /** What the two above throw for a wrong setting: the message names what a person must repair, and no value. */
  readonly isForPeople: (error: unknown) => error is Error;
};

type Merchants = ReadonlyMap<Mchid, Merchant>;

export async function checkConfiguration(deps: ConfigurationDeps, check: Checker) {
  const one = checksOf(check, 'configuration');
  const settings = await reaching(one, 'settings', () => readSettings(deps));
  if (settings.found === undefined) return { results: [settings.result] };
  const installation = await findInstallation(settings.found);
  const { merchantsFile, checkoutKeyFile, devFile } = installation;
  const needed = {
    DATABASE_URL: installation.databaseUrl,
    PAYSAGA_MERCHANTS: merchantsFile,
    PAYSAGA_PUBLIC_URL: installation.publicUrl,
    PAYSAGA_CHECKOUT_KEY_FILE: checkoutKeyFile,
  };
  const named = await Promise.all([
    one('dev.json', () => embeddedStack(devFile)),
    ...Object.entries(needed).map(([variable, value]) => one(variable, () => checkSetting(variable, value))),
  ]);
  const merchants = await reaching(one, 'merchants file', () => readMerchants(deps, merchantsFile));
  const key = await one('checkout key', () =>
    checkoutKeyFile === undefined ? NOTHING_NAMED : checkCheckoutKey(checkoutKeyFile),
  );
  const results = [settings.result, ...named, merchants.result, key];
  return { results, about: { installation, merchants: merchants.found ?? new Map<Mchid, Merchant>() } };
}

function readSettings(deps: ConfigurationDeps): Reached<DoctorConfiguration> {
  try {
    return { found: deps.configuration(), finding: ok('every setting has a legal value') };
  } catch (error) {
    return wrong(deps, error, 'Set the variable that is named as docs/configuration.md says.');
  }
}

async function readMerchants(deps: ConfigurationDeps, file: string | undefined): Promise<Reached<Merchants>> {
  if (file === undefined) return { finding: NOTHING_NAMED };
  try {
    const found = await deps.loadMerchants(file);
    return { found, finding: ok(`${found.size} in ${file}`) };
  } catch (error) {
    const cure = 'Correct the field that is named; docs/operations.md describes each, and no process starts before.';
    return wrong(deps, error, cure);
  }
}

function wrong({ isForPeople }: ConfigurationDeps, error: unknown, cure: string): { readonly finding: Finding } {
  if (!isForPeople(error)) throw error;
  return { finding: failed(error.message, cure) };
}

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
  readonly workers: number;
  readonly deployment: { readonly name: string; readonly buildId: string } | undefined;
  readonly outboundProxy: OutboundProxy | undefined;
};

/** What the environment says; the doctor adds what a running embedded stack says in its `dev.json`. */
export type DoctorConfiguration = Settings & {
  readonly home: string;
  readonly temporal: TemporalConfig;
  /** False: the environment names no Temporal server, and a running embedded one is meant. */
  readonly namesTemporal: boolean;
  readonly embeddedNamespace: string;
};

async function findInstallation(given: DoctorConfiguration): Promise<Installation> {
  const { home, temporal, namesTemporal, embeddedNamespace, ...settings } = given;
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

const embeddedStack = (devFile: string | null): Finding =>
  devFile === null ? skipped('no embedded stack runs here') : ok(`completes the settings: ${devFile}`);

const NOTHING_NAMED = skipped('nothing names it');

/** A value may hold a password, so it is not shown. */
function checkSetting(variable: string, value: string | undefined): Finding {
  if (value !== undefined) return ok('set');
  return failed(
    `${variable} is not set, and no embedded stack runs here`,
    `Set ${variable}, or start everything on this machine with npm start.`,
  );
}

const MIN_BYTES = 32;

async function checkCheckoutKey(file: string): Promise<Finding> {
  const key = await readFile(file).catch((error: unknown) => codeOf(error));
  if (typeof key === 'string') {
    return failed(
      `the checkout key file cannot be read (${key})`,
      'Make it with: (umask 077; openssl rand -base64 32 > FILE), and give every ingress the same one.',
    );
  }
  if (key.length < MIN_BYTES) {
    return failed(`the checkout key has ${key.length} bytes`, `Give it ${MIN_BYTES} random bytes or more.`);
  }
  if ((await readableForAll([file])).length > 0) {
    return warning('every user of this machine may read the checkout key', `Run chmod 600 ${file}, or --fix.`, () =>
      closeFiles([file]),
    );
  }
  return ok(`${key.length} bytes`);
}
