import { Command } from 'commander';
import { z } from 'zod';
import { actCommand } from '../cli/kit/act.js';
import { listed, openApi, parsed, writeAnswer } from '../cli/kit/api.js';
import type { CliEnvironment, Configured } from '../cli/kit/command.js';
import { count, rowId, withApiOptions, wordOf, type ApiOptions } from '../cli/kit/options.js';
import { INBOX_STATUSES } from './rules/notify.js';
import { age, time, writeFacts, writeJson, writeTable, yuan } from '../cli/kit/output.js';

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
  return inbox.addCommand(list, { isDefault: true }).addCommand(redrive(env, configured));
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

const redrive = actCommand({
  name: 'redrive',
  description: 'tell the order or the refund again what a notify says',
  takes: [['<id>', 'as inbox shows it', rowId]],
  examples: EXAMPLE,
  path: (id) => `/v1/inbox/${id}/redrive`,
  said: () => 'told again',
  write: (env, said, body, json) =>
    writeAnswer(env, json, body, inboxRow, (row) =>
      writeFacts(env, `${row.id}: ${said}`, [
        ['status', row.status],
        ['order', row.orderNo],
        ['about', aboutOf(row)],
      ]),
    ),
});
