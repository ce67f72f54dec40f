import { Command } from 'commander';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { actCommand } from '../cli/kit/act.js';
import { dayAnswer, discrepancyAnswer, lineAnswer, type DayAnswer } from '../cli/kit/day-answers.js';
import { openApi, parsed, writeAnswer, type Api } from '../cli/kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured } from '../cli/kit/command.js';
import { writeList, withFile, type FileOptions, type List } from '../cli/kit/list.js';
import { dayOf, rowId, withApiOptions, wordOf, type ApiOptions } from '../cli/kit/options.js';
import { age, plain, time, writeFacts, writeSection, writeTable, yuan } from '../cli/kit/output.js';
import {
  CLASSES,
  DISCREPANCY_ACTIONS,
  DISCREPANCY_CLASSES,
  DISCREPANCY_STATUSES,
  isAsked,
  movedFen,
} from './rules/classes.js';
import { DISCREPANCY_COLUMNS, LINE_COLUMNS, type DiscrepancyRow, type LineRow } from './rules/csv.js';
import { beijingDate, daysAfter } from './rules/day.js';

const RUN_EXAMPLE = `
Examples:
  $ paysaga reconcile
  $ paysaga reconcile 2026-11-22 --wait
`;

/** `paysaga reconcile`: begins a run of a day, or joins the one under way. */
export function reconcileCommand(env: CliEnvironment, configured: Configured): Command {
  return withApiOptions(configured(new Command('reconcile')))
    .description("match a day with WeChat Pay's bills, now or once more")
    .argument('[day]', 'a calendar day in Beijing, of the last 90; yesterday unless told', dayOf)
    .option('--wait', 'stay until the run is over; exit code 1 where the day then differs or failed')
    .addHelpText('after', RUN_EXAMPLE)
    .action((day: string | undefined, options: ApiOptions & { readonly wait?: true }) => run(env, day, options));
}

async function run(env: CliEnvironment, asked: string | undefined, options: ApiOptions & { readonly wait?: true }) {
  const date = asked ?? daysAfter(beijingDate(env.now()), -1);
  const api = await openApi(env, options);
  const { body, status } = await api.post('/v1/reconciliations', { date });
  env.stderr.write(`${date}: ${status === 202 ? 'a run was begun' : 'a run is under way already, and is joined'}\n`);
  if (options.wait !== true) {
    const command = `paysaga reconciliations show ${date}${options.mchid === undefined ? '' : ` --mchid ${options.mchid}`}`;
    writeAnswer(env, options.json, body, dayAnswer, (day) => writeDay(env, day));
    env.stderr.write(`It goes on without this command; look again with: ${command}\n`);
    return;
  }
  const over = await finished(env, api, date);
  writeAnswer(env, options.json, over, dayAnswer, (day) => writeDay(env, day));
  const { state } = parsed(dayAnswer, over);
  if (!GOOD.includes(state)) throw new CliFailure(EXIT.failed, `${date}: ${plain(state)}`);
}

const GOOD = ['balanced', 'empty'];

const LOOK_EVERY_MS = 2_000;
/** Ten seconds: an ingress that restarts is back by then. */
const LOOKS_WITHOUT_ANSWER = 5;

/** Says on standard error what the day waits for, whenever that changes. */
async function finished(env: CliEnvironment, api: Api, date: string): Promise<unknown> {
  let said = '';
  let misses = 0;
  while (misses < LOOKS_WITHOUT_ANSWER) {
    const body = await api.get(dayPath(date)).catch(unlessAway);
    misses = body === undefined ? misses + 1 : 0;
    const day = body === undefined ? undefined : parsed(dayAnswer, body);
    if (day !== undefined && day.finishedAt !== null) return body;
    const text = day?.explain.text[env.config.language ?? 'en'] ?? said;
    if (text !== said) env.stderr.write(`${plain(text)}\n`);
    said = text;
    await sleep(env);
  }
  throw new CliFailure(EXIT.unreachable, 'the ingress does not answer; the run goes on');
}

function unlessAway(error: unknown): undefined {
  if (!(error instanceof CliFailure) || error.exitCode !== EXIT.unreachable) throw error;
}

const sleep = (env: CliEnvironment): Promise<void> => (env.sleep ?? ((ms: number) => pause(ms)))(LOOK_EVERY_MS);

const DAYS_EXAMPLE = `
Examples:
  $ paysaga reconciliations --from 2026-11-01 --to 2026-11-30
  $ paysaga reconciliations show 2026-11-22
  $ paysaga reconciliations lines 2026-11-22 --class foreign
  $ paysaga reconciliations lines 2026-11-22 --csv > 2026-11-22.csv
`;

type SpanOptions = ApiOptions & { readonly from?: string; readonly to?: string };

/** `paysaga reconciliations`: days, one of them, and its lines. */
export function reconciliationsCommand(env: CliEnvironment, configured: Configured): Command {
  const made = (name: string) => withApiOptions(configured(new Command(name))).addHelpText('after', DAYS_EXAMPLE);
  const list = withSpan(made('list').description('the same as reconciliations')).action((options: SpanOptions) =>
    listDays(env, options),
  );
  const show = made('show')
    .description('a day: its bills, both sides by class, and what is open')
    .argument('<day>', 'a calendar day in Beijing', dayOf)
    .action(async (day: string, options: ApiOptions) => {
      const body = await (await openApi(env, options)).get(dayPath(day));
      writeAnswer(env, options.json, body, dayAnswer, (it) => writeDay(env, it));
    });
  const lines = withFile(made('lines'))
    .description("the lines of a day's trade bill with what we have of them, and what is in no bill")
    .argument('<day>', 'a calendar day in Beijing', dayOf)
    .option('--class <class>', `one of ${CLASSES.join(', ')}`, wordOf(CLASSES))
    .action((day: string, options: FileOptions & { readonly class?: string }) =>
      writeList(env, options, { ...LINES, path: `${dayPath(day)}/lines`, query: { class: options.class } }),
    );
  return configured(new Command('reconciliations'))
    .description("days and whether our books and WeChat Pay's bills agree, the latest first")
    .addHelpText('after', DAYS_EXAMPLE)
    .addCommand(list, { isDefault: true })
    .addCommand(show)
    .addCommand(lines);
}

const withSpan = (command: Command): Command =>
  command
    .option('--from <day>', 'the first day, in Beijing', dayOf)
    .option('--to <day>', 'the last day, included', dayOf);

const dayPath = (date: string): string => `/v1/reconciliations/${date}`;

async function listDays(env: CliEnvironment, { from, to, ...options }: SpanOptions): Promise<void> {
  const body = await (await openApi(env, options)).get('/v1/reconciliations', { from, to });
  writeAnswer(env, options.json, body, z.object({ items: z.array(dayAnswer) }), ({ items }) => {
    if (items.length === 0) env.stdout.write('No such day.\n');
    else
      writeTable(env.stdout, items, {
        day: (it) => it.date,
        state: stateOf,
        lines: (it) => String(it.bills.find(({ kind }) => kind === 'trade')?.lines ?? 0),
        fees: (it) => (it.feesFen === null ? null : yuan(it.feesFen)),
        open: (it) => String(it.openDiscrepancies),
        ended: (it) => time(it.finishedAt),
      });
  });
}

const stateOf = ({ state, failure }: DayAnswer): string => (failure === null ? state : `${state} (${failure})`);

function writeDay(env: CliEnvironment, day: DayAnswer): void {
  writeFacts(env, day.date, [
    ['merchant', day.mchid],
    ['state', stateOf(day)],
    ['that is', day.explain.text[env.config.language ?? 'en']],
    ['next at', day.explain.nextAt && time(day.explain.nextAt)],
    ['run', `${day.run}, ${day.finishedAt === null ? `since ${time(day.startedAt)}` : `over ${time(day.finishedAt)}`}`],
    ['fees', day.feesFen === null ? null : yuan(day.feesFen)],
    ['open', String(day.openDiscrepancies)],
  ]);
  writeSection(env, 'Bills', day.bills, {
    bill: (it) => it.kind,
    state: billStateOf,
    lines: (it) => String(it.lines),
    'last received': (it) => time(it.fetchedAt),
    'SHA-1': (it) => it.sha1,
  });
  writeSection(env, 'Both sides', day.classes, {
    class: classOf,
    of: (it) => it.subject,
    count: (it) => String(it.count),
    'bill says': (it) => said(it, it.billFen),
    'we say': (it) => said(it, it.ownFen),
    discrepancy: (it) => (it.isDiscrepancy ? 'yes' : ''),
  });
  for (const command of day.explain.commands) env.stdout.write(`\n  $ ${plain(command)}\n`);
}

/** As the documentation calls those of a class of discrepancies that need nobody. */
const KNOWN: Readonly<Record<string, string>> = { foreign: 'foreign, declared', reversed: 'reversed, known' };

const classOf = ({
  class: name,
  isDiscrepancy,
}: {
  readonly class: string;
  readonly isDiscrepancy: boolean;
}): string => (isDiscrepancy ? name : (KNOWN[name] ?? name));

/** Of an imported one: why a later file was not taken in its place. */
function billStateOf({ state, distrust, distrustWhy }: DayAnswer['bills'][number]): string {
  if (distrust === null) return state;
  const why = [distrust, distrustWhy ?? []].flat().join(', ');
  return state === 'imported' ? `${state}; a later file was not taken (${why})` : `${state} (${why})`;
}

const LINES: Omit<List<LineRow>, 'path' | 'query'> = {
  row: lineAnswer,
  columns: LINE_COLUMNS,
  table: {
    class: classOf,
    line: (it) => (it.lineNo === null ? null : String(it.lineNo)),
    at: (it) => time(it.at),
    order: (it) => it.orderNo,
    number: (it) => it.refundNo ?? it.outTradeNo,
    'of WeChat Pay': (it) => it.refundId ?? it.transactionId,
    'bill says': (it) => said(it, it.billFen),
    'we say': (it) => said(it, it.ownFen),
  },
};

const said = ({ subject }: { readonly subject: string }, amountFen: number | null): string | null =>
  amountFen === null ? null : yuan(movedFen(subject, amountFen));

const DISCREPANCIES: Omit<List<DiscrepancyRow>, 'query'> = {
  path: '/v1/discrepancies',
  row: discrepancyAnswer,
  columns: DISCREPANCY_COLUMNS,
  table: {
    id: (it) => it.id,
    day: (it) => it.date,
    class: (it) => it.class,
    status: (it) => it.status,
    age: (it, env) => age(it.openedAt, env.now()),
    order: (it) => it.orderNo,
    number: (it) => it.refundNo ?? it.outTradeNo,
    'bill says': (it) => said(it, it.billFen),
    'we say': (it) => said(it, it.ownFen),
    by: (it) => it.closedBy ?? it.repairedBy ?? it.recheckedBy,
    why: (it) => it.reason ?? it.recheckReason,
  },
};

const EXAMPLE = `
Examples:
  $ paysaga discrepancies --status open
  $ paysaga discrepancies --class foreign --from 2026-11-01 --to 2026-11-30 --csv > foreign.csv
  $ paysaga discrepancies resolve 67700ef7-a7dc-4184-bcb3-4fabafc7ff1f recheck --reason 'the payer says it is paid'
`;

type DiscrepanciesOptions = FileOptions & SpanOptions & { readonly status?: string; readonly class?: string };

/** `paysaga discrepancies`: where both sides disagree, and what a person says of it. */
export function discrepanciesCommand(env: CliEnvironment, configured: Configured): Command {
  const list = withSpan(withFile(withApiOptions(configured(new Command('list')))))
    .description('the same as discrepancies')
    .option('--status <status>', `one of ${DISCREPANCY_STATUSES.join(', ')}`, wordOf(DISCREPANCY_STATUSES))
    .option('--class <class>', `one of ${DISCREPANCY_CLASSES.join(', ')}`, wordOf(DISCREPANCY_CLASSES))
    .addHelpText('after', EXAMPLE)
    .action(({ status, class: name, from, to, ...options }: DiscrepanciesOptions) =>
      writeList(env, options, { ...DISCREPANCIES, query: { status, class: name, from, to } }),
    );
  return configured(new Command('discrepancies'))
    .description("where our books and WeChat Pay's bills disagree, the latest day first")
    .addHelpText('after', EXAMPLE)
    .addCommand(list, { isDefault: true })
    .addCommand(resolve(env, configured));
}

const SAID: Readonly<Record<string, string>> = {
  accept: 'accepted, it stays as it is',
  resolve: 'resolved, it was put right elsewhere',
};

/** Of a recheck. */
const doneAgain = (it: DiscrepancyRow): string =>
  isAsked({ ...it, outRefundNo: it.refundNo }) ? 'WeChat Pay is asked, and its day runs again' : 'its day runs again';

const resolve = actCommand({
  name: 'resolve',
  description: 'accept a discrepancy as it is, say that it was put right elsewhere, or have it looked at again',
  takes: [
    ['<id>', 'as discrepancies shows it', rowId],
    ['<action>', DISCREPANCY_ACTIONS.join(', '), wordOf(DISCREPANCY_ACTIONS)],
  ],
  examples: EXAMPLE,
  path: (id) => `/v1/discrepancies/${id}/resolve`,
  body: (action) => ({ action }),
  said: (_, action) => SAID[action] ?? '',
  write: (env, done, body, json) =>
    writeAnswer(env, json, body, discrepancyAnswer, (it) =>
      writeFacts(env, `${it.id}: ${done === '' ? doneAgain(it) : done}`, [
        ['day', it.date],
        ['class', it.class],
        ['status', it.status],
        ['order', it.orderNo],
        ['bill says', said(it, it.billFen)],
        ['we say', said(it, it.ownFen)],
      ]),
    ),
});
