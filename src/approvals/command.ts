import { Command } from 'commander';
import { z } from 'zod';
import { actCommand } from '../cli/kit/act.js';
import { listed, moreOf, openApi, parsed, writeAnswer } from '../cli/kit/api.js';
import type { CliEnvironment, Configured, MakeCommand } from '../cli/kit/command.js';
import {
  pageLimit,
  rowId,
  withApiOptions,
  withPage,
  wordOf,
  type ApiOptions,
  type PageOptions,
} from '../cli/kit/options.js';
import { age, time, writeFacts, writeJson, writeTable, yuan } from '../cli/kit/output.js';
import { APPROVAL_DECISION_NAMES, APPROVAL_STATUSES, type ApprovalDecisionName } from './rules/approval.js';

const EXAMPLE = `
Examples:
  $ paysaga approvals
  $ paysaga approvals --status rejected --all
  $ paysaga approve 6f1c7c0e-5f0a-4bb8-a3a4-0f1f2b8f2a11 --reason 'seen the goods'
  $ paysaga reject 6f1c7c0e-5f0a-4bb8-a3a4-0f1f2b8f2a11 --reason 'nothing was sent back'
`;

const approval = z.object({
  id: z.string(),
  status: z.enum(APPROVAL_STATUSES),
  refundNo: z.string(),
  orderNo: z.string(),
  amountFen: z.number(),
  reason: z.string().nullable(),
  askedBy: z.string(),
  askedByName: z.string().nullable(),
  createdAt: z.string(),
  decidedByName: z.string().nullable(),
  decisionReason: z.string().nullable(),
  decidedAt: z.string().nullable(),
});
type Approval = z.infer<typeof approval>;

type Options = ApiOptions & PageOptions & { readonly status: string };

/** `paysaga approvals`: those that wait, unless told. */
export function approvalsCommand(env: CliEnvironment, configured: Configured): Command {
  const command = withApiOptions(configured(new Command('approvals')))
    .description('refunds that need the approval of another person, newest first')
    .option('--status <status>', `one of ${APPROVAL_STATUSES.join(', ')}`, wordOf(APPROVAL_STATUSES), 'pending');
  return withPage(command)
    .addHelpText('after', EXAMPLE)
    .action((options: Options) => list(env, options));
}

async function list(env: CliEnvironment, options: Options): Promise<void> {
  const api = await openApi(env, options);
  const page = await listed(api, '/v1/approvals', { status: options.status }, pageLimit(options));
  if (options.json === true) {
    writeJson(env, page);
    return;
  }
  const approvals = parsed(z.array(approval), page.items);
  if (approvals.length === 0) {
    env.stdout.write('There are none.\n');
    return;
  }
  writeTable(env.stdout, approvals, {
    id: (it) => it.id,
    order: (it) => it.orderNo,
    refund: (it) => it.refundNo,
    amount: (it) => yuan(it.amountFen),
    reason: (it) => it.reason,
    'asked by': askerOf,
    asked: (it) => time(it.createdAt),
    age: (it) => age(it.createdAt, env.now()),
    status: (it) => it.status,
    decided: (it) => it.decidedByName,
  });
  env.stdout.write(`${approvals.length} ${approvals.length === 1 ? 'approval' : 'approvals'}${moreOf(page)}.\n`);
}

const askerOf = ({ askedBy, askedByName }: Approval): string => askedByName ?? askedBy;

const SAID = { approve: 'approved, the refund begins', reject: 'rejected, no money goes back by it' } as const;

const DESCRIPTIONS = {
  approve: 'begin a refund that another person asked for',
  reject: 'end a refund that another person asked for before it begins',
} as const;

/** `paysaga approve` and `paysaga reject`. */
export const decideCommands: readonly MakeCommand[] = APPROVAL_DECISION_NAMES.map(decideCommand);

function decideCommand(decision: ApprovalDecisionName): MakeCommand {
  return actCommand({
    name: decision,
    description: DESCRIPTIONS[decision],
    takes: [['<id>', 'as approvals shows it', rowId]],
    examples: EXAMPLE,
    path: (id) => `/v1/approvals/${id}`,
    body: () => ({ decision }),
    said: () => SAID[decision],
    write: (env, said, body, json) =>
      writeAnswer(env, json, body, approval, (it) =>
        writeFacts(env, `${it.refundNo}: ${said}`, [
          ['order', it.orderNo],
          ['amount', yuan(it.amountFen)],
          ['reason', it.reason],
          ['asked by', askerOf(it)],
          ['decided by', it.decidedByName],
        ]),
      ),
  });
}
