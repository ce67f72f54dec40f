import type { Logger } from 'pino';
import { readConfig, readTemporalConfig, required, type Config } from './config.js';
import { loadMerchants, type ConfiguredMerchant } from './merchants.js';
import { createMerchants, type Merchants } from '../channels/merchant.js';
import { createLog } from './process.js';
import { openServices, type Services } from './services.js';

export type Configured = {
  readonly config: Config;
  readonly services: Services;
  readonly merchants: Merchants<ConfiguredMerchant>;
  readonly publicUrl: string;
  readonly log: Logger;
};

/** Ingress and worker from the environment. Throws ConfigError or MerchantsFileError for what a person must repair. */
export async function openConfiguredServices(name: string): Promise<Configured> {
  const config = readConfig();
  const log = createLog(name, config.logLevel);
  const databaseUrl = required(config.databaseUrl, 'DATABASE_URL');
  const publicUrl = required(config.publicUrl, 'PAYSAGA_PUBLIC_URL');
  const merchants = createMerchants(await loadMerchants(required(config.merchantsFile, 'PAYSAGA_MERCHANTS')));
  const services = openServices({
    databaseUrl,
    temporal: readTemporalConfig(config.environment),
    merchants,
    publicUrl: () => publicUrl,
    language: config.language,
    workers: config.workers,
    applicationName: `paysaga-${name}`,
    log,
  });
  return { config, services, merchants, publicUrl, log };
}
