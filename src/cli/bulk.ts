import { Command } from 'commander';
import type { BulkAction } from '../bulk/rules/bulk.js';
import { ORDER_STATES, STUCK_REASONS } from '../orders/rules/states.js';
import { follow, runBulk, runByFilter } from './bulk-run.js';
import { openApi, orderPath } from './kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured, type MakeCommand } from './kit/command.js';
import {
  instantOf,
  orderNo,
  orderNos,
  rowId,
  withApiOptions,
  withReason,
  wordOf,
  type ApiOptions,
  type ReasonOptions,
} from './kit/options.js';
import { writeOrderAnswer } from './order-line.js';

const TEXTS = {
  recheck: 'ask WeChat Pay again about everything that is not settled, and start what has no workflow',
  extend: "move PaySaga's deadline of orders that can still be paid, to at most 7 days after they were created",
  hold: 'keep orders open to that end: nothing is closed by PaySaga until then',
  rescue: 'let orders go on whose workflow cannot: the run is ended, and they go on from Postgres',
  release: 'give orders their own deadline back; those past it are closed',
} as const satisfies Record<BulkAction, string>;

const EXAMPLES = {
  recheck: ["A-1001 --reason 'the payer says it is paid'", "--stuck-reason gateway_unreachable --reason 'it is back'"],
  extend: ["A-1001 --until 2026-11-23T08:00:00Z --reason 'the payer asked for a day'"],
  hold: ["A-1001 --reason 'disputed'", "--state awaitingPayment --reason 'notifies are late' --dry-run"],
  rescue: ["A-1001 --reason 'the build is mended'", "--stuck-reason stalled --reason 'the build is mended'"],
  release: ["A-1001 --reason 'settled'", "--state awaitingPayment --reason 'notifies are back' --yes"],
} as const satisfies Record<BulkAction, readonly string[]>;

export const bulkCommands: readonly MakeCommand[] = [
  actionCommand('recheck'),
  actionCommand('rescue'),
  (env, configured) =>
    actionCommand('extend')(env, configured).requiredOption('--until <time>', 'the new deadline', instantOf),
  actionCommand('hold'),
  actionCommand('release'),
  watchCommand,
];

function actionCommand(action: BulkAction): MakeCommand {
  const lines = EXAMPLES[action].map((example) => `  $ paysaga ${action} ${example}`);
  return (env, configured) =>
    withFilter(configured(new Command(action)))
      .description(TEXTS[action])
      .addHelpText('after', `\nExamples:\n${lines.join('\n')}\n`)
      .action((one: string | undefined, options: BulkOptions) => run(env, action, one, options));
}

async function run(
  env: CliEnvironment,
  action: BulkAction,
  one: string | undefined,
  options: BulkOptions,
): Promise<void> {
  const request = bulkRequest(action, one, options);
  const api = await openApi(env, options);
  if (one === undefined) {
    await runByFilter(env, api, request, options);
  } else if (action === 'hold' || action === 'release') {
    await runBulk(env, api, request, options.json);
  } else {
    const { reason, until } = request;
    const { body } = await api.post(orderPath(one, `/${action}`), { until, reason });
    writeOrderAnswer(env, SAID[action], body, options.json);
  }
}

const SAID = { extend: 'extended', recheck: 'asked', rescue: 'rescued' } as const;

function watchCommand(env: CliEnvironment, configured: Configured): Command {
  return withApiOptions(configured(new Command('bulk')))
    .description('stay until a bulk that was started is over')
    .argument('<id>', 'as it was shown when it was started', rowId)
    .addHelpText('after', '\nExample:\n  $ paysaga bulk 67700ef7-a7dc-4184-bcb3-4fabafc7ff1f\n')
    .action(async (id: string, options: ApiOptions) => follow(env, await openApi(env, options), id, options.json));
}

export type BulkOptions = ReasonOptions & {
  readonly state?: string;
  readonly stuckReason?: string;
  readonly createdFrom?: string;
  readonly createdTo?: string;
  readonly orders?: readonly string[];
  readonly until?: string;
  readonly yes?: true;
  readonly dryRun?: true;
};

/** As the API takes it, less whether it is a dry run; JSON leaves out undefined fields. */
export type BulkRequest = ReturnType<typeof bulkRequest>;

const withFilter = (command: Command): Command =>
  withReason(withApiOptions(command))
    .argument('[orderNo]', 'one order; else say which by options', orderNo)
    .option('--state <state>', `all of ${ORDER_STATES.join(', ')}`, wordOf(ORDER_STATES))
    .option('--stuck-reason <reason>', `all with any, ${STUCK_REASONS.join(', ')}`, wordOf(['any', ...STUCK_REASONS]))
    .option('--created-from <time>', 'created then or later', instantOf)
    .option('--created-to <time>', 'created before', instantOf)
    .option('--orders <a,b,c>', 'these orders', orderNos)
    .option('--dry-run', 'only say which and how much')
    .option('--yes', 'do not ask');

/** Throws wrong usage for neither a number nor a filter, and for both. */
function bulkRequest(action: BulkAction, one: string | undefined, options: BulkOptions) {
  const { state, stuckReason, createdFrom, createdTo, orders: orderNos, until, reason } = options;
  const given = { state, stuckReason, createdFrom, createdTo, orderNos };
  const chosen = Object.values(given).some((value) => value !== undefined);
  if (one === undefined && !chosen) throw new CliFailure(EXIT.usage, 'name an order, or say which by a filter');
  if (one !== undefined && (chosen || options.dryRun === true)) {
    throw new CliFailure(EXIT.usage, 'name an order or say which by a filter, not both');
  }
  return { action, filter: { ...given, orderNos: one === undefined ? orderNos : [one] }, reason, until };
}
