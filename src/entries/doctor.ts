import { taskQueues, SEARCH_ATTRIBUTES } from '../../workflows/messages.js';
import type { DoctorDeps } from '../cli/doctor/deps.js';
import { ConfigError, readConfig, readTemporalConfig, type Config, type Environment } from './config.js';
import { endpointUrlProblem } from '../webhooks/endpoint.js';
import { parseWebhookSecret } from '../webhooks/secret.js';
import { loadMerchants, MerchantsFileError } from './merchants.js';

/** What `paysaga doctor` needs of the environment and of the rooms that read it. */
export function doctorDeps(environment?: Environment): DoctorDeps {
  return {
    configuration: () => configurationOf(readConfig(environment)),
    loadMerchants,
    isForPeople: (error) => error instanceof ConfigError || error instanceof MerchantsFileError,
    webhookUrlProblem: endpointUrlProblem,
    isWebhookSecret: (text) => parseWebhookSecret(text) !== undefined,
    queues: taskQueues(),
    searchAttributes: Object.values(SEARCH_ATTRIBUTES),
  };
}

function configurationOf(config: Config): ReturnType<DoctorDeps['configuration']> {
  const { home, databaseUrl, merchantsFile, publicUrl, checkoutKeyFile, workers, deployment, environment } = config;
  return {
    ...{ home, databaseUrl, merchantsFile, publicUrl, checkoutKeyFile, workers, deployment },
    temporal: readTemporalConfig(environment),
    namesTemporal: environment['TEMPORAL_ADDRESS'] !== undefined,
    embeddedNamespace: environment['TEMPORAL_NAMESPACE'] ?? 'paysaga',
  };
}
