import type { Checker, CheckResult } from '../checker.js';
import type { DoctorDeps } from '../deps.js';
import { ok, skipped, type Finding } from '../finding.js';
import type { Installation } from '../installation.js';
import { checkCheckoutKey } from './checkout-key.js';
import { readMerchants, type Merchants } from './merchants-file.js';
import { checkSetting } from './setting.js';

type ConfigurationDeps = Pick<DoctorDeps, 'loadMerchants' | 'isForPeople'> & { readonly check: Checker };

export type CheckedConfiguration = { readonly results: readonly CheckResult[]; readonly merchants: Merchants };

/** The settings, and the merchants as the processes read them. */
export async function checkConfiguration(
  deps: ConfigurationDeps,
  installation: Installation,
): Promise<CheckedConfiguration> {
  const { databaseUrl, merchantsFile, publicUrl, checkoutKeyFile, devFile } = installation;
  let merchants: Merchants = new Map();
  const readFile = async (file: string): Promise<Finding> => {
    const read = await readMerchants(deps, file);
    merchants = read.merchants;
    return read.finding;
  };
  const one = (name: string, run: () => Finding | Promise<Finding>): Promise<CheckResult> =>
    deps.check({ group: 'configuration', name, subject: 'configuration', run });
  const results = await Promise.all([
    one('dev.json', () => embeddedStack(devFile)),
    one('DATABASE_URL', () => checkSetting('DATABASE_URL', databaseUrl)),
    one('PAYSAGA_MERCHANTS', () => checkSetting('PAYSAGA_MERCHANTS', merchantsFile)),
    one('PAYSAGA_PUBLIC_URL', () => checkSetting('PAYSAGA_PUBLIC_URL', publicUrl)),
    one('PAYSAGA_CHECKOUT_KEY_FILE', () => checkSetting('PAYSAGA_CHECKOUT_KEY_FILE', checkoutKeyFile)),
    one('merchants file', () => (merchantsFile === undefined ? NOTHING_NAMED : readFile(merchantsFile))),
    one('checkout key', () => (checkoutKeyFile === undefined ? NOTHING_NAMED : checkCheckoutKey(checkoutKeyFile))),
  ]);
  return { results, merchants };
}

const embeddedStack = (devFile: string | null): Finding =>
  devFile === null ? skipped('no embedded stack runs here') : ok(`completes the settings: ${devFile}`);

const NOTHING_NAMED = skipped('nothing names it');
