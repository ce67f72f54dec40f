import { Command } from 'commander';
import { z } from 'zod';
import { INBOX_STATUSES } from '../db/words.js';
import { listed, openApi, parsed, writeAnswer } from './kit/api.js';
import type { CliEnvironment, Configured } from './kit/command.js';
import {
  count,
  rowId,
  withApiOptions,
  withReason,
  wordOf,
  type ApiOptions,
  type ReasonOptions,
} from './kit/options.js';
import { age, time, writeFacts, writeJson, writeTable, yuan } from './kit/output.js';

type InboxOptions = ApiOptions & { readonly status?: string; readonly limit: number };

const EXAMPLE = `
Examples:
  $ paysaga inbox --status unmatched
  $ paysaga inbox --status unsupported
  $ paysaga inbox redrive 6f1c7c0e-5f0a-4bb8-a3a4-0f1f2b8f2a11 --reason 'the order is there now'
`;

const inboxRow = z.object({
  id: z.string(),
  kind: z.string(),
  eventType: z.string(),
  status: z.string(),
  outTradeNo: z.string().nullable(),
  outRefundNo: z.string().nullable(),
  orderNo: z.string().nullable(),
  amountFen: z.number().nullable(),
  receivedAt: z.string(),
  deliveries: z.number(),
});

export function inboxCommand(env: CliEnvironment, configured: Configured): Command {
  const inbox = configured(new Command('inbox'))
    .description('verified notifies of WeChat Pay, newest first, and what became of them')
    .addHelpText('after', EXAMPLE);
  const list = withApiOptions(configured(new Command('list')))
    .description('the same as inbox')
    .option('--status <status>', `one of ${INBOX_STATUSES.join(', ')}`, wordOf(INBOX_STATUSES))
    .option('--limit <n>', 'at most so many', count, 50)
    .addHelpText('after', EXAMPLE)
    .action((options: InboxOptions) => listRows(env, options));
  const redrive = withReason(withApiOptions(configured(new Command('redrive'))))
    .description('tell the order or the refund again what a notify says')
    .argument('<id>', 'as inbox shows it', rowId)
    .addHelpText('after', EXAMPLE)
    .action((id: string, options: ReasonOptions) => tellAgain(env, id, options));
  return inbox.addCommand(list, { isDefault: true }).addCommand(redrive);
}

async function listRows(env: CliEnvironment, { status, limit, ...options }: InboxOptions): Promise<void> {
  const page = await listed(await openApi(env, options), '/v1/inbox', { status }, limit);
  if (options.json === true) {
    writeJson(env, page);
    return;
  }
  const rows = parsed(z.array(inboxRow), page.items);
  if (rows.length === 0) {
    env.stdout.write('No such notify.\n');
    return;
  }
  writeTable(env.stdout, rows, {
    id: (row) => row.id,
    kind: (row) => row.kind,
    status: (row) => row.status,
    received: (row) => time(row.receivedAt),
    age: (row) => age(row.receivedAt, env.now()),
    about: aboutOf,
    order: (row) => row.orderNo,
    amount: (row) => (row.amountFen === null ? null : yuan(row.amountFen)),
    times: (row) => `${row.deliveries}`,
  });
}

const aboutOf = (row: z.infer<typeof inboxRow>): string =>
  row.kind === 'other' ? row.eventType : (row.outRefundNo ?? row.outTradeNo ?? '');

async function tellAgain(env: CliEnvironment, id: string, { reason, ...options }: ReasonOptions): Promise<void> {
  const api = await openApi(env, options);
  const { body } = await api.post(`/v1/inbox/${id}/redrive`, { reason });
  writeAnswer(env, options.json, body, inboxRow, (row) =>
    writeFacts(env, `${row.id}: told again`, [
      ['status', row.status],
      ['order', row.orderNo],
      ['about', aboutOf(row)],
    ]),
  );
}
