import { readFile } from 'node:fs/promises';
import type { Mchid } from '../base/ids.js';
import type { Merchant } from '../channels/merchant.js';
import { checksOf, failed, ok, skipped, warning, type Checker, type CheckResult, type Finding } from './check.js';
import { findInstallation, type DoctorConfiguration, type Installation } from './installation.js';
import { closeFiles, codeOf, readableForAll } from './key-file.js';

export type ConfigurationDeps = {
  /** Throws what `isForPeople` knows when a setting is wrong. */
  readonly configuration: () => DoctorConfiguration;
  /** As ingress and worker read it; throws what `isForPeople` knows. */
  readonly loadMerchants: (file: string) => Promise<Merchants>;
  /** An error whose message names what a person must repair, and no value. */
  readonly isForPeople: (error: unknown) => error is Error;
};

type Merchants = ReadonlyMap<Mchid, Merchant>;

type Checked = {
  readonly results: readonly CheckResult[];
  /** Absent where a setting is wrong. */
  readonly installation?: Installation;
  readonly merchants: Merchants;
};

/** The settings, and the merchants as the processes read them. */
export async function checkConfiguration(deps: ConfigurationDeps, check: Checker): Promise<Checked> {
  const one = checksOf(check, 'configuration');
  let configuration: DoctorConfiguration | undefined;
  const settings = await one('settings', () => {
    try {
      configuration = deps.configuration();
      return ok('every setting has a legal value');
    } catch (error) {
      return wrong(deps, error, "Set the variable that is named as README's table of configuration says.");
    }
  });
  if (configuration === undefined) return { results: [settings], merchants: new Map() };
  const installation = await findInstallation(configuration);
  const { databaseUrl, merchantsFile, publicUrl, checkoutKeyFile, devFile } = installation;
  let merchants: Merchants = new Map();
  const loadMerchants = async (file: string): Promise<Finding> => {
    try {
      merchants = await deps.loadMerchants(file);
      return ok(`${merchants.size} in ${file}`);
    } catch (error) {
      const cure = 'Correct the field that is named; docs/operations.md describes each, and no process starts before.';
      return wrong(deps, error, cure);
    }
  };
  const results = await Promise.all([
    one('dev.json', () => embeddedStack(devFile)),
    one('DATABASE_URL', () => checkSetting('DATABASE_URL', databaseUrl)),
    one('PAYSAGA_MERCHANTS', () => checkSetting('PAYSAGA_MERCHANTS', merchantsFile)),
    one('PAYSAGA_PUBLIC_URL', () => checkSetting('PAYSAGA_PUBLIC_URL', publicUrl)),
    one('PAYSAGA_CHECKOUT_KEY_FILE', () => checkSetting('PAYSAGA_CHECKOUT_KEY_FILE', checkoutKeyFile)),
    one('merchants file', () => (merchantsFile === undefined ? NOTHING_NAMED : loadMerchants(merchantsFile))),
    one('checkout key', () => (checkoutKeyFile === undefined ? NOTHING_NAMED : checkCheckoutKey(checkoutKeyFile))),
  ]);
  return { results: [settings, ...results], installation, merchants };
}

function wrong({ isForPeople }: ConfigurationDeps, error: unknown, cure: string): Finding {
  if (!isForPeople(error)) throw error;
  return failed(error.message, cure);
}

const embeddedStack = (devFile: string | null): Finding =>
  devFile === null ? skipped('no embedded stack runs here') : ok(`completes the settings: ${devFile}`);

const NOTHING_NAMED = skipped('nothing names it');

/** A setting without which neither ingress nor worker starts. Its value may hold a password, so it is not shown. */
function checkSetting(variable: string, value: string | undefined): Finding {
  if (value !== undefined) return ok('set');
  return failed(
    `${variable} is not set, and no embedded stack runs here`,
    `Set ${variable}, or start everything on this machine with npm start.`,
  );
}

const MIN_BYTES = 32;

/** The key behind checkout links. */
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
