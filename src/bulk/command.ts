import { Command } from 'commander';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { BulkAction } from './rules/bulk.js';
import { ORDER_STATES, STUCK_REASONS } from '../orders/rules/states.js';
import { orderAnswer } from '../cli/kit/answers.js';
import { openApi, orderPath, parsed, type Api } from '../cli/kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured, type MakeCommand } from '../cli/kit/command.js';
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
} from '../cli/kit/options.js';
import { ordersOf, writeOrderAnswer } from '../orders/command.js';
import { plain, time, writeJson, writeTable, yuan } from '../cli/kit/output.js';
import { withProgress } from '../cli/kit/progress.js';

type ActionOfMany = {
  readonly action: BulkAction;
  readonly what: string;
  readonly examples: readonly string[];
  /** Of one order once the API did it; without, one order is a bulk of one. */
  readonly said?: string;
};

const ACTIONS: readonly ActionOfMany[] = [
  {
    action: 'recheck',
    what: 'ask WeChat Pay again about everything that is not settled, and start what has no workflow',
    examples: [
      "A-1001 --reason 'the payer says it is paid'",
      "--stuck-reason gateway_unreachable --reason 'it is back'",
    ],
    said: 'asked',
  },
  {
    action: 'rescue',
    what: 'let orders go on whose workflow cannot: the run is ended, and they go on from Postgres',
    examples: ["A-1001 --reason 'the build is mended'", "--stuck-reason stalled --reason 'the build is mended'"],
    said: 'rescued',
  },
  {
    action: 'extend',
    what: "move PaySaga's deadline of orders that can still be paid, to at most 7 days after they were created",
    examples: ["A-1001 --until 2026-11-23T08:00:00Z --reason 'the payer asked for a day'"],
    said: 'extended',
  },
  {
    action: 'hold',
    what: 'keep orders open to that end: nothing is closed by PaySaga until then',
    examples: ["A-1001 --reason 'disputed'", "--state awaitingPayment --reason 'notifies are late' --dry-run"],
  },
  {
    action: 'release',
    what: 'give orders their own deadline back; those past it are closed',
    examples: ["A-1001 --reason 'settled'", "--state awaitingPayment --reason 'notifies are back' --yes"],
  },
];

export const bulkCommands: readonly MakeCommand[] = [...ACTIONS.map(actionCommand), watchCommand];

function actionCommand(of: ActionOfMany): MakeCommand {
  const { action, what, examples } = of;
  const lines = examples.map((example) => `  $ paysaga ${action} ${example}`);
  return (env, configured) => {
    const command = withFilter(configured(new Command(action)))
      .description(what)
      .addHelpText('after', `\nExamples:\n${lines.join('\n')}\n`)
      .action((one: string | undefined, options: BulkOptions) => run(env, of, one, options));
    return action === 'extend' ? command.requiredOption('--until <time>', 'the new deadline', instantOf) : command;
  };
}

async function run(
  env: CliEnvironment,
  { action, said }: ActionOfMany,
  one: string | undefined,
  options: BulkOptions,
): Promise<void> {
  const request = bulkRequest(action, one, options);
  const api = await openApi(env, options);
  if (one === undefined) {
    await runByFilter(env, api, request, options);
  } else if (said === undefined) {
    await runBulk(env, api, request, options.json);
  } else {
    const { reason, until } = request;
    const { body } = await api.post(orderPath(one, `/${action}`), { until, reason });
    writeOrderAnswer(env, said, body, options.json);
  }
}

function watchCommand(env: CliEnvironment, configured: Configured): Command {
  return withApiOptions(configured(new Command('bulk')))
    .description('stay until a bulk that was started is over')
    .argument('<id>', 'as it was shown when it was started', rowId)
    .addHelpText('after', '\nExample:\n  $ paysaga bulk 67700ef7-a7dc-4184-bcb3-4fabafc7ff1f\n')
    .action(async (id: string, options: ApiOptions) => follow(env, await openApi(env, options), id, options.json));
}

type BulkOptions = ReasonOptions & {
  readonly state?: string;
  readonly stuckReason?: string;
  readonly createdFrom?: string;
  readonly createdTo?: string;
  readonly orders?: readonly string[];
  readonly until?: string;
  readonly yes?: true;
  readonly dryRun?: true;
};

type BulkRequest = ReturnType<typeof bulkRequest>;

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

/** Says which orders a bulk is about and how much money; starts it when a person, or `--yes`, says so. */
async function runByFilter(env: CliEnvironment, api: Api, request: BulkRequest, options: BulkOptions): Promise<void> {
  const { body } = await api.post('/v1/bulk', { ...request, dryRun: true });
  const preview = parsed(bulkPreview, body);
  const isAll = options.dryRun === true || (options.yes !== true && env.confirm === undefined);
  if (isAll && options.json === true) writeJson(env, body);
  else writePreview(env, request, preview);
  if (options.dryRun === true) return;
  if (preview.count === 0) {
    env.stderr.write('Nothing to do.\n');
    return;
  }
  await requireConsent(env, request, preview, options);
  await runBulk(env, api, request, options.json);
}

async function runBulk(env: CliEnvironment, api: Api, request: BulkRequest, json: true | undefined): Promise<void> {
  const { body } = await api.post('/v1/bulk', { ...request, dryRun: false });
  const { id } = parsed(bulkStarted, body);
  env.stderr.write(`Bulk ${id}: it goes on without this command; look again with: paysaga bulk ${id}\n`);
  await follow(env, api, id, json);
}

async function requireConsent(
  env: CliEnvironment,
  { action }: BulkRequest,
  { count, sumFen }: BulkPreview,
  { yes }: BulkOptions,
): Promise<void> {
  if (yes === true) return;
  if (env.confirm === undefined) {
    throw new CliFailure(EXIT.usage, 'nobody can be asked here: add --yes, or --dry-run to look only');
  }
  const agreed = await env.confirm(`${action} ${ordersOf(count)}, ${yuan(sumFen)}?`);
  if (!agreed) throw new CliFailure(EXIT.failed, 'nothing was done');
}

/** On standard error: standard output has the result alone. */
function writePreview(env: CliEnvironment, { action, reason, filter }: BulkRequest, preview: BulkPreview): void {
  const { count, sumFen, sample } = preview;
  env.stderr.write(`${action}: ${ordersOf(count)}, ${yuan(sumFen)}; reason: ${plain(reason)}\n`);
  const named = new Set(filter.orderNos ?? []).size;
  if (named > count) env.stderr.write(`${named - count} of the ${named} numbers named are not among them.\n`);
  if (sample.length === 0) return;
  writeTable(env.stderr, sample, {
    order: (it) => it.orderNo,
    state: (it) => it.state,
    stuck: (it) => it.stuckReason,
    amount: (it) => yuan(it.amountFen),
    expires: (it) => time(it.expiresAt),
  });
  if (sample.length < count) env.stderr.write(`… and ${count - sample.length} more.\n`);
}

const LOOK_EVERY_MS = 500;
/** Ten seconds: an ingress that restarts is back by then. */
const LOOKS_WITHOUT_ANSWER = 20;

/** Throws when the bulk failed for any order. */
async function follow(env: CliEnvironment, api: Api, id: string, json: true | undefined): Promise<void> {
  const { body, status } = await finished(env, api, id);
  if (json === true) writeJson(env, body);
  else writeResult(env, status);
  const { failedCount, total } = status;
  if (failedCount > 0) throw new CliFailure(EXIT.failed, `${failedCount} of ${total} failed`);
}

async function finished(env: CliEnvironment, api: Api, id: string) {
  let look = await patientLook(env, api, id);
  return withProgress(env, look.status.total, async (progress) => {
    for (;;) {
      progress.to(look.status.done + look.status.failedCount);
      if (look.status.finishedAt !== null) return look;
      await sleep(env);
      look = await patientLook(env, api, id);
    }
  });
}

async function patientLook(env: CliEnvironment, api: Api, id: string) {
  for (let looks = 1; ; looks += 1) {
    try {
      const body = await api.get(`/v1/bulk/${id}`);
      return { body, status: parsed(bulkStatus, body) };
    } catch (error) {
      const isAway = error instanceof CliFailure && error.exitCode === EXIT.unreachable;
      if (!isAway || looks === LOOKS_WITHOUT_ANSWER) throw error;
      await sleep(env);
    }
  }
}

const sleep = (env: CliEnvironment): Promise<void> => (env.sleep ?? ((ms: number) => pause(ms)))(LOOK_EVERY_MS);

function writeResult(env: CliEnvironment, { done, total, failed, failedCount }: BulkStatus): void {
  if (failed.length > 0)
    writeTable(env.stdout, failed, { order: ({ orderNo }) => orderNo, 'failed with': ({ code }) => code });
  env.stdout.write(`${done} of ${total} done, ${failedCount} failed.\n`);
}

const bulkPreview = z.object({
  count: z.number(),
  sumFen: z.number(),
  sample: z.array(
    orderAnswer.pick({ orderNo: true, amountFen: true, state: true, stuckReason: true, expiresAt: true }),
  ),
});
type BulkPreview = z.infer<typeof bulkPreview>;

const bulkStarted = z.object({ id: z.string() });

const bulkStatus = z.object({
  total: z.number(),
  done: z.number(),
  failedCount: z.int(),
  failed: z.array(z.object({ orderNo: z.string(), code: z.string() })),
  finishedAt: z.string().nullable(),
});
type BulkStatus = z.infer<typeof bulkStatus>;
