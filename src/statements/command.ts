import { Command } from 'commander';
import { z } from 'zod';
import { openApi, parsed } from '../cli/kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured } from '../cli/kit/command.js';
import { dayOf, withApiOptions, wordOf, type ApiOptions } from '../cli/kit/options.js';
import { strong, writeJson, writeTable, yuan } from '../cli/kit/output.js';
import { statementCsv } from './rules/csv.js';
import { GROUPINGS, type Grouping } from './rules/statement.js';

type StatementOptions = ApiOptions & {
  readonly from: string;
  readonly to: string;
  readonly by: Grouping;
  readonly csv?: true;
};

const EXAMPLE = `
Examples:
  $ paysaga statement --from 2026-11-01 --to 2026-11-30
  $ paysaga statement --from 2026-01-01 --to 2026-12-31 --by month --csv > 2026.csv
`;

/** `paysaga statement`: what was taken, from our own books. */
export function statementCommand(env: CliEnvironment, configured: Configured): Command {
  return withApiOptions(configured(new Command('statement')))
    .description('what was paid and given back, by calendar day in Beijing unless told')
    .requiredOption('--from <day>', 'the first day', dayOf)
    .requiredOption('--to <day>', 'the last day, included; at most 366 days', dayOf)
    .option('--by <group>', `one of ${GROUPINGS.join(', ')}`, wordOf(GROUPINGS), 'day')
    .option('--csv', 'for a spreadsheet')
    .addHelpText('after', EXAMPLE)
    .action((options: StatementOptions) => show(env, options));
}

async function show(env: CliEnvironment, options: StatementOptions): Promise<void> {
  const { from, to, by, csv, json } = options;
  if (csv === true && json === true) throw new CliFailure(EXIT.usage, '--csv or --json, not both');
  const answer = await (await openApi(env, options)).get('/v1/statements', { from, to, groupBy: by });
  if (json === true) {
    writeJson(env, answer);
    return;
  }
  const statement = parsed(statementAnswer, answer);
  if (csv === true) env.stdout.write(statementCsv(statement));
  else writeStatement(env, statement);
}

const fen = z.number();
const takings = z.object({
  ...{ paidCount: z.number(), paidFen: fen, refundedCount: z.number(), refundedFen: fen },
  ...{ returnedCount: z.number(), returnedFen: fen, netFen: fen },
  ...{ feesFen: fen.nullable(), settledFen: fen.nullable() },
});
const statementAnswer = z.object({
  groupBy: z.enum(GROUPINGS),
  items: z.array(takings.extend({ group: z.string() })),
  totals: takings,
});

function writeStatement(env: CliEnvironment, { groupBy, items, totals }: z.infer<typeof statementAnswer>): void {
  writeTable(env.stdout, items, {
    [groupBy]: (it) => it.group,
    payments: (it) => String(it.paidCount),
    paid: (it) => yuan(it.paidFen),
    refunds: (it) => String(it.refundedCount),
    refunded: (it) => yuan(it.refundedFen),
    net: (it) => yuan(it.netFen),
    returned: (it) => yuan(it.returnedFen),
    fees: (it) => known(it.feesFen),
    settled: (it) => known(it.settledFen),
  });
  const { paidCount, paidFen, refundedCount, refundedFen, netFen, feesFen, settledFen } = totals;
  const sums = `paid: ${yuan(paidFen)} (${paidCount}), refunded: ${yuan(refundedFen)} (${refundedCount})`;
  const billed = feesFen === null ? '' : `, fees: ${yuan(feesFen)}, settled: ${known(settledFen) ?? 'not known'}`;
  env.stdout.write(`${strong(env, `Net: ${yuan(netFen)}`)}; ${sums}${billed}.\n`);
}

const known = (amountFen: number | null): string | null => (amountFen === null ? null : yuan(amountFen));
