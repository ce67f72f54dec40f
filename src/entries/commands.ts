import { approvalsCommand, decideCommands } from '../approvals/command.js';
import { bulkCommands } from '../bulk/command.js';
import { eventsCommand } from '../shop-events/command.js';
import { evidenceCommand } from '../cli/evidence.js';
import { inboxCommand } from '../inbox/command.js';
import { keysCommand } from '../cli/keys.js';
import { listenCommand, type Signing } from '../cli/listen/command.js';
import { triggerCommand } from '../cli/trigger/command.js';
import type { MakeCommand } from '../cli/kit/command.js';
import { discrepanciesCommand, reconcileCommand, reconciliationsCommand } from '../reconciliation/command.js';
import { closeCommand, ordersCommand, resolveCommand } from '../orders/command.js';
import { refundCommand, refundsCommand } from '../refunds/command.js';
import { replayCommand, type Replay } from '../cli/replay.js';
import { statementCommand } from '../statements/command.js';
import { showCommand } from '../timeline/command.js';
import { doctorCommand } from '../doctor/command.js';
import { SEARCH_ATTRIBUTES, taskQueues } from '../../workflows/saga/messages.js';
import { databaseSection } from '../doctor/database/database.js';
import type { DoctorDeps } from '../doctor/examine.js';
import { gatewaySection } from '../doctor/gateway/gateway.js';
import { merchantSection } from '../doctor/merchant/settings.js';
import { notifySection } from '../doctor/notify.js';
import { webhookSection } from '../doctor/webhook.js';
import { temporalSection } from '../doctor/temporal/temporal.js';
import { endpointUrlProblem } from '../webhooks/address.js';
import { createTestTelling, type TellTest } from '../webhooks/test-event.js';
import { createShopWebhooks, createSigner, parseWebhookSecret } from '../webhooks/webhooks.js';
import { ConfigError, readConfig, readTemporalConfig, type Environment } from './config.js';
import { knownMerchants, loadMerchants, MerchantsFileError, rawMerchants } from './merchants.js';

const signing: Signing = { signerOf: (secret) => createSigner([secret]), parseSecret: parseWebhookSecret };

/** In the order of help: look, act, then rare work. */
export const commandsOf = (replay: Replay): readonly MakeCommand[] => [
  ordersCommand,
  refundsCommand,
  approvalsCommand,
  statementCommand,
  showCommand,
  reconciliationsCommand,
  discrepanciesCommand,
  reconcileCommand,
  ...bulkCommands,
  closeCommand,
  refundCommand,
  ...decideCommands,
  resolveCommand,
  inboxCommand,
  eventsCommand,
  listenCommand(signing),
  triggerCommand,
  evidenceCommand,
  replayCommand(replay),
  doctorCommand(doctorDeps()),
  keysCommand(knownMerchants),
];

export function doctorDeps(environment?: Environment): DoctorDeps {
  return {
    configuration: () => configurationOf(environment),
    loadMerchants,
    isForPeople: (error) => error instanceof ConfigError || error instanceof MerchantsFileError,
    sections: [
      merchantSection(webhookRules, rawMerchants),
      webhookSection(tellerOf),
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

async function tellerOf(merchantsFile: string): Promise<TellTest> {
  const merchants = await loadMerchants(merchantsFile);
  return createTestTelling(
    createShopWebhooks((mchid) => merchants.get(mchid)?.webhook),
    () => new Date(),
  );
}

function configurationOf(given?: Environment): ReturnType<DoctorDeps['configuration']> {
  const { environment, ...settings } = readConfig(given);
  return {
    ...settings,
    temporal: readTemporalConfig(environment),
  };
}
