import { SEARCH_ATTRIBUTES, taskQueues } from '../../workflows/saga/messages.js';
import { databaseSection } from '../doctor/database/database.js';
import type { DoctorDeps } from '../doctor/examine.js';
import { gatewaySection } from '../doctor/gateway/gateway.js';
import { merchantSection } from '../doctor/merchant/merchant.js';
import { notifySection } from '../doctor/notify.js';
import { temporalSection } from '../doctor/temporal/temporal.js';
import { endpointUrlProblem } from '../webhooks/address.js';
import { parseWebhookSecret } from '../webhooks/webhooks.js';
import {
  ConfigError,
  embeddedNamespace,
  namesTemporal,
  readConfig,
  readTemporalConfig,
  type Environment,
} from './config.js';
import { loadMerchants, MerchantsFileError, rawMerchants } from './merchants.js';

export function doctorDeps(environment?: Environment): DoctorDeps {
  return {
    configuration: () => configurationOf(environment),
    loadMerchants,
    isForPeople: (error) => error instanceof ConfigError || error instanceof MerchantsFileError,
    sections: [
      merchantSection(webhookRules, rawMerchants),
      gatewaySection,
      databaseSection,
      temporalSection({ queues: taskQueues(), searchAttributes: Object.values(SEARCH_ATTRIBUTES) }),
      notifySection,
    ],
  };
}

export const webhookRules = {
  webhookUrlProblem: endpointUrlProblem,
  isWebhookSecret: (text: string): boolean => parseWebhookSecret(text) !== undefined,
};

function configurationOf(given?: Environment): ReturnType<DoctorDeps['configuration']> {
  const { environment, ...settings } = readConfig(given);
  return {
    ...settings,
    temporal: readTemporalConfig(environment),
    namesTemporal: namesTemporal(environment),
    embeddedNamespace: embeddedNamespace(environment),
  };
}
