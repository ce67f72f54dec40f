import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { WITHHELD_STATES } from '../approvals/rules/view.js';
import { REFUND_CAUSES, REFUND_RESOLVE_ACTIONS, REFUND_STATES } from './rules/states.js';
import { actCommand, type WriteAnswer } from '../cli/kit/act.js';
import { refundAnswer } from '../cli/kit/answers.js';
import { listed, moreOf, openApi, orderPath, parsed, refundPath, writeAnswer } from '../cli/kit/api.js';
import type { CliEnvironment, Configured } from '../cli/kit/command.js';
import {
  fenOfYuan,
  instantOf,
  limitedText,
  newRefundNo,
  orderNo,
  pageLimit,
  refundNo,
  searchOf,
  withApiOptions,
  withPage,
  withSearch,
  wordOf,
  type ApiOptions,
  type PageOptions,
  type SearchOptions,
} from '../cli/kit/options.js';
import { time, writeFacts, writeJson, writeTable, yuan } from '../cli/kit/output.js';

type RefundOptions = ApiOptions & { readonly amount: number; readonly refundNo?: string; readonly reason: string };

const EXAMPLE = `
Examples:
  $ paysaga refund A-1001 --amount 12.34 --reason '少发一件'
  $ paysaga refund A-1001 --amount 12.34 --refund-no R-1001 --reason '少发一件'
  $ paysaga refund rescue 'A-1001@return' --reason 'the build is mended'
  $ paysaga refund external A-1001 'mp-20260301-1' --reason 'made in the merchant platform'
  $ paysaga refund resolve 'A-1001@return' reissue --reason 'the account has money again'
`;

/** What WeChat Pay shows the payer. */
const SHOWN_REASON_BYTES = 80;

/** `paysaga refund`: gives money back, and decides about a refund that does not end by itself. */
export function refundCommand(env: CliEnvironment, configured: Configured): Command {
  const refund = configured(new Command('refund'))
    .description('give money of a paid order back: refund <orderNo>')
    .addHelpText('after', EXAMPLE);
  const create = withApiOptions(configured(new Command('create')))
    .description('the same as refund <orderNo>')
    .argument('<orderNo>', 'the order', orderNo)
    .requiredOption('--amount <yuan>', 'how much, in yuan, like 12.34', fenOfYuan)
    .option('--refund-no <number>', 'its number, which makes a repeat safe; one is made up without', newRefundNo)
    .requiredOption('--reason <text>', 'why; the payer sees it, too', (text) => limitedText(text, SHOWN_REASON_BYTES))
    .addHelpText('after', EXAMPLE)
    .action((number: string, options: RefundOptions) => request(env, number, options));
  return [resolve, rescue, external].reduce(
    (all, make) => all.addCommand(make(env, configured)),
    refund.addCommand(create, { isDefault: true }),
  );
}

/** A blank that a card leaves is no number. */
function madeElsewhere(text: string): string {
  if (text !== '' && !/^<.*>$/.test(text)) return refundNo(text);
  throw new InvalidArgumentError('Put in its out_refund_no (商户退款单号), as the merchant platform shows it.');
}

async function request(env: CliEnvironment, number: string, options: RefundOptions): Promise<void> {
  const api = await openApi(env, options);
  const chosen = options.refundNo ?? `${number}-${randomBytes(5).toString('hex')}`;
  // Said before it is asked for: without an answer, only the same number makes a repeat safe.
  env.stderr.write(`Refund ${chosen}: to repeat it safely, add --refund-no ${chosen}\n`);
  const asked = { refundNo: chosen, amountFen: options.amount, reason: options.reason };
  const { status, body } = await api.post(orderPath(number, '/refunds'), asked);
  if (withheld.safeParse(body).success) {
    writeWithheld(env, body, options.json);
    return;
  }
  writeRefund(env, status === 201 ? 'recorded, its money is held' : 'it was asked for before', body, options.json);
}

const withheld = z.object({
  refundNo: z.string(),
  amountFen: z.number(),
  state: z.enum(WITHHELD_STATES),
  approvalId: z.string(),
});

const writeWithheld = (env: CliEnvironment, body: unknown, json: true | undefined): void =>
  writeAnswer(env, json, body, withheld, ({ refundNo, state, amountFen, approvalId }) =>
    writeFacts(env, `${refundNo}: ${WITHHELD[state]}`, [
      ['state', state],
      ['amount', yuan(amountFen)],
      ['approval', approvalId],
    ]),
  );

const WITHHELD = {
  approval_pending: 'not begun, another person has to approve it (paysaga approve)',
  approval_rejected: 'it was rejected; ask again under another number',
} as const;

const writeRefund: WriteAnswer = (env, said, body, json) =>
  writeAnswer(env, json, body, refundAnswer, (refund) =>
    writeFacts(env, `${refund.refundNo}: ${said}`, [
      ['state', refund.state],
      ['amount', yuan(refund.amountFen)],
      ['of', refund.outTradeNo],
      ['cause', refund.cause],
      ['reason', refund.reason],
    ]),
  );

const resolve = actCommand({
  name: 'resolve',
  description: 'decide about a refund that WeChat Pay could not pay out or refused',
  takes: [
    ['<refundNo>', 'the refund', refundNo],
    ['<action>', REFUND_RESOLVE_ACTIONS.join(', '), wordOf(REFUND_RESOLVE_ACTIONS)],
  ],
  examples: EXAMPLE,
  path: (refund) => refundPath(refund, '/resolve'),
  body: (action) => ({ action }),
  said: (_, action) => `resolved (${action})`,
  write: writeRefund,
});

const rescue = actCommand({
  name: 'rescue',
  description: 'let a refund go on whose workflow cannot: the run is ended, and it goes on from its row',
  takes: [['<refundNo>', 'the refund', refundNo]],
  examples: EXAMPLE,
  path: (refund) => refundPath(refund, '/rescue'),
  said: () => 'rescued, it goes on',
  write: writeRefund,
});

const external = actCommand({
  name: 'external',
  description: 'book a refund that somebody else made at WeChat Pay',
  takes: [
    ['<orderNo>', 'the order', orderNo],
    ['<outRefundNo>', 'its number at WeChat Pay, as the merchant platform shows it (商户退款单号)', madeElsewhere],
  ],
  examples: EXAMPLE,
  path: (order) => orderPath(order, '/external-refunds'),
  body: (outRefundNo) => ({ outRefundNo }),
  said: (status) => (status === 201 ? 'booked' : 'it was known already'),
  write: writeRefund,
});

type RefundFilters = 'state' | 'cause' | `${'created' | 'accepted' | 'succeeded'}${'From' | 'To'}`;
type RefundsOptions = ApiOptions &
  PageOptions &
  SearchOptions & { readonly [Name in RefundFilters]?: string } & {
    readonly order?: string;
  };

const LISTED_STATES = [...REFUND_STATES, 'unsettled'] as const;

const LIST_EXAMPLE = `
Examples:
  $ paysaga refunds --state abnormal
  $ paysaga refunds --order A-1001
  $ paysaga refunds --amount 12.34 --state unsettled
  $ paysaga refunds --q '少发'
  $ paysaga refunds --accepted-from 2026-11-22T00:00:00+08:00 --accepted-to 2026-11-23T00:00:00+08:00 --all
`;

/** `paysaga refunds`: by one kind of times; the API says which filters go together. */
export function refundsCommand(env: CliEnvironment, configured: Configured): Command {
  const command = withSearch(withApiOptions(configured(new Command('refunds'))))
    .description('refunds, newest first, those that somebody else made, too')
    .option('--state <state>', `one of ${LISTED_STATES.join(', ')}`, wordOf(LISTED_STATES))
    .option('--cause <cause>', `one of ${REFUND_CAUSES.join(', ')}`, wordOf(REFUND_CAUSES))
    .option('--order <orderNo>', 'of this order', orderNo)
    .option('--created-from <time>', 'asked for then or later', instantOf)
    .option('--created-to <time>', 'asked for before', instantOf)
    .option('--accepted-from <time>', 'accepted by WeChat Pay then or later', instantOf)
    .option('--accepted-to <time>', 'accepted before', instantOf)
    .option('--succeeded-from <time>', 'back with the payer then or later', instantOf)
    .option('--succeeded-to <time>', 'back before', instantOf);
  return withPage(command)
    .addHelpText('after', LIST_EXAMPLE)
    .action((options: RefundsOptions) => list(env, options));
}

async function list(env: CliEnvironment, options: RefundsOptions): Promise<void> {
  const { mchid, json, limit, all, order, q, amount, amountFen, ...filters } = options;
  const search = searchOf(options);
  const asked = pageLimit(options);
  const api = await openApi(env, options);
  const page = await listed(api, '/v1/refunds', { ...filters, ...search, orderNo: order }, asked);
  if (json === true) {
    writeJson(env, page);
    return;
  }
  const refunds = parsed(z.array(listedRefund), page.items);
  if (refunds.length === 0) {
    env.stdout.write('No such refund.\n');
    return;
  }
  writeTable(env.stdout, refunds, {
    refund: (it) => it.refundNo,
    order: (it) => it.orderNo,
    state: (it) => it.state,
    cause: (it) => it.cause,
    amount: (it) => yuan(it.amountFen),
    created: (it) => time(it.createdAt),
    accepted: (it) => time(it.acceptedAt),
    succeeded: (it) => time(it.succeededAt),
  });
  const more = moreOf(page);
  env.stdout.write(`${refunds.length} ${refunds.length === 1 ? 'refund' : 'refunds'}${more}.\n`);
}

const listedRefund = refundAnswer.extend({
  orderNo: z.string(),
  createdAt: z.string(),
  acceptedAt: z.string().nullable(),
  succeededAt: z.string().nullable(),
});
