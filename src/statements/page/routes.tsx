import type { Context, Hono } from 'hono';
import { ApiError } from '../../http/kit/api-error.js';
import { csvHeaders } from '../../http/kit/csv.js';
import { useCaseDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { page, type OpsPage } from '../../ops/kit/page.js';
import { merchantOf } from '../../reconciliation/page/place.js';
import { beijingDate } from '../../reconciliation/rules/day.js';
import { statementCsv } from '../rules/csv.js';
import { parsePeriod } from '../rules/period.js';
import { GROUPINGS, type Grouping } from '../rules/statement.js';
import { statement } from '../use-cases/statement.js';
import { STATEMENTS_PATH, STATEMENTS_TITLE, StatementsPage, type Entered } from './page.js';

export const statementsPage: OpsPage = {
  section: { path: STATEMENTS_PATH, title: STATEMENTS_TITLE },
  register: registerStatements,
};

function registerStatements(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get(STATEMENTS_PATH, (c) => showStatements(c, deps));
  app.get(`${STATEMENTS_PATH}.csv`, async (c) => {
    const { mchid, from, to, groupBy } = enteredOf(c, deps.now());
    const period = parsePeriod(from, to);
    if (!period.ok) throw new ApiError('invalid_request', `query ${period.error.field}: ${period.error.message}.`);
    const made = await statement(useCaseDeps(deps), { mchid, ...period.value, groupBy });
    return c.text(statementCsv(made), 200, csvHeaders(`statement-${mchid}-${from}-${to}`));
  });
}

async function showStatements(c: Context<IngressEnv>, deps: IngressDeps): Promise<Response> {
  const now = deps.now();
  const entered = enteredOf(c, now);
  const period = parsePeriod(entered.from, entered.to);
  const { mchid, groupBy } = entered;
  const calendar = groupBy === 'month' ? 'month' : 'day';
  const made = period.ok
    ? ([calendar, 'product', 'appid'] as const).map((by) =>
        statement(useCaseDeps(deps), { mchid, ...period.value, groupBy: by }),
      )
    : [];
  const shown = { ...entered, wrong: period.ok ? null : period.error.field };
  const statements = await Promise.all(made);
  return page(
    c,
    {
      title: STATEMENTS_TITLE[c.get('language')],
      active: STATEMENTS_PATH,
      charts: true,
      status: period.ok ? 200 : 400,
    },
    <StatementsPage c={c} entered={shown} statements={statements} now={now} />,
  );
}

/** This month so far by day, where nothing else is asked for. Throws `forbidden`, `invalid_request`. */
function enteredOf(c: Context<IngressEnv>, now: Date): Omit<Entered, 'wrong'> {
  const today = beijingDate(now);
  const { from = `${today.slice(0, 'yyyy-mm'.length)}-01`, to = today } = c.req.query();
  return { mchid: merchantOf(c), from, to, groupBy: groupingOf(c.req.query('groupBy') ?? '') };
}

function groupingOf(asked: string): Grouping {
  const known = GROUPINGS.find((it) => it === asked);
  if (known === undefined && asked !== '') throw new ApiError('invalid_request', 'query groupBy: is not a grouping.');
  return known ?? 'day';
}
