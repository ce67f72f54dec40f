import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { REFUND_RESOLVE_ACTIONS } from '../refunds/rules/states.js';
import { refundAnswer } from './kit/answers.js';
import { openApi, orderPath, parsed, refundPath } from './kit/api.js';
import type { CliEnvironment, Configured } from './kit/command.js';
import {
  fenOfYuan,
  limitedText,
  newRefundNo,
  orderNo,
  refundNo,
  withApiOptions,
  withReason,
  wordOf,
  type ApiOptions,
} from './kit/options.js';
import { writeFacts, writeJson, yuan } from './kit/output.js';

type RefundOptions = ApiOptions & { readonly amount: number; readonly refundNo?: string; readonly reason: string };
type ResolveOptions = ApiOptions & { readonly reason: string };

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
  const resolve = withReason(withApiOptions(configured(new Command('resolve'))))
    .description('decide about a refund that WeChat Pay could not pay out or refused')
    .argument('<refundNo>', 'the refund', refundNo)
    .argument('<action>', REFUND_RESOLVE_ACTIONS.join(', '), wordOf(REFUND_RESOLVE_ACTIONS))
    .addHelpText('after', EXAMPLE)
    .action((number: string, action: string, options: ResolveOptions) => decide(env, number, action, options));
  const external = withReason(withApiOptions(configured(new Command('external'))))
    .description('book a refund that somebody else made at WeChat Pay')
    .argument('<orderNo>', 'the order', orderNo)
    .argument(
      '<outRefundNo>',
      'its number at WeChat Pay, as the merchant platform shows it (商户退款单号)',
      madeElsewhere,
    )
    .addHelpText('after', EXAMPLE)
    .action((order: string, number: string, options: ResolveOptions) => book(env, order, number, options));
  const rescue = withReason(withApiOptions(configured(new Command('rescue'))))
    .description('let a refund go on whose workflow cannot: the run is ended, and it goes on from its row')
    .argument('<refundNo>', 'the refund', refundNo)
    .addHelpText('after', EXAMPLE)
    .action((number: string, options: ResolveOptions) => rescued(env, number, options));
  return refund.addCommand(create, { isDefault: true }).addCommand(resolve).addCommand(rescue).addCommand(external);
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
  writeRefund(env, status === 201 ? 'recorded, its money is held' : 'it was asked for before', body, options.json);
}

async function decide(
  env: CliEnvironment,
  number: string,
  action: string,
  { reason, ...options }: ResolveOptions,
): Promise<void> {
  const api = await openApi(env, options);
  const { body } = await api.post(refundPath(number, '/resolve'), { action, reason });
  writeRefund(env, `resolved (${action})`, body, options.json);
}

async function book(
  env: CliEnvironment,
  order: string,
  outRefundNo: string,
  { reason, ...options }: ResolveOptions,
): Promise<void> {
  const api = await openApi(env, options);
  const { status, body } = await api.post(orderPath(order, '/external-refunds'), { outRefundNo, reason });
  writeRefund(env, status === 201 ? 'booked' : 'it was known already', body, options.json);
}

async function rescued(env: CliEnvironment, number: string, { reason, ...options }: ResolveOptions): Promise<void> {
  const api = await openApi(env, options);
  const { body } = await api.post(refundPath(number, '/rescue'), { reason });
  writeRefund(env, 'rescued, it goes on', body, options.json);
}

function writeRefund(env: CliEnvironment, said: string, body: unknown, json: true | undefined): void {
  if (json === true) {
    writeJson(env, body);
    return;
  }
  const refund = parsed(refundAnswer, body);
  writeFacts(env, `${refund.refundNo}: ${said}`, [
    ['state', refund.state],
    ['amount', yuan(refund.amountFen)],
    ['of', refund.outTradeNo],
    ['cause', refund.cause],
    ['reason', refund.reason],
  ]);
}
