import type { Context, Hono } from 'hono';
import { actorLabel, operatorAsker } from '../../http/kit/actor.js';
import { apiErrorOf, ERRORS, type ErrorCode } from '../../http/kit/api-error.js';
import { useCaseDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { formOf } from '../../ops/kit/form.js';
import { requireMerchant } from '../../ops/kit/merchants.js';
import type { OpsPage } from '../../ops/kit/page.js';
import { decideDiscrepancy, requireDiscrepancy } from '../use-cases/decide.js';
import { runDay } from '../use-cases/run.js';
import { showCalendar } from './calendar.js';
import { dayOf, showDay } from './day.js';
import { readDecision } from './decision-form.js';
import { showDiscrepancies } from './discrepancies.js';
import { showDiscrepancy } from './discrepancy.js';
import { sendBill, sendDiscrepancies, sendLines } from './files.js';
import { showLines } from './lines.js';
import {
  CALENDAR_PATH,
  dayPath,
  DISCREPANCIES_PATH,
  discrepancyPath,
  merchantOf,
  reconciliationTitle,
} from './place.js';

export const reconciliationPage: OpsPage = {
  section: { path: CALENDAR_PATH, title: reconciliationTitle },
  register: registerReconciliation,
};

function registerReconciliation(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get(CALENDAR_PATH, (c) => showCalendar(c, deps));
  app.post(`${CALENDAR_PATH}/run`, async (c) => {
    const { mchid = '', date = '' } = await formOf(c);
    return run(c, deps, { mchid: merchantOf(c, mchid), date });
  });
  // A reload of a page that was sent.
  app.get(`${CALENDAR_PATH}/run`, (c) => c.redirect(CALENDAR_PATH, 303));
  const day = `${CALENDAR_PATH}/days/:mchid/:date`;
  app.get(day, (c) => showDay(c, deps));
  app.post(day, (c) => run(c, deps, dayOf(c)));
  app.get(`${day}/lines`, (c) => showLines(c, deps));
  app.get(`${day}/lines.csv`, (c) => sendLines(c, deps));
  app.get(`${day}/bills/:file`, (c) => sendBill(c, deps));
  app.get(`${DISCREPANCIES_PATH}.csv`, (c) => sendDiscrepancies(c, deps));
  app.get(DISCREPANCIES_PATH, (c) => showDiscrepancies(c, deps));
  const discrepancy = `${DISCREPANCIES_PATH}/:mchid/:id`;
  app.get(discrepancy, async (c) => {
    const row = await requireDiscrepancy(useCaseDeps(deps), discrepancyOf(c));
    return showDiscrepancy(c, { row, now: deps.now() });
  });
  app.post(discrepancy, (c) => decide(c, deps));
}

type Asked = Omit<Parameters<typeof runDay>[1], 'askedBy'>;

/** Leads to the day; what was refused is said where a day is chosen. */
async function run(c: Context<IngressEnv>, deps: IngressDeps, asked: Asked): Promise<Response> {
  try {
    const { day, isNew } = await runDay(useCaseDeps(deps), { ...asked, askedBy: actorLabel(c.get('operator')) });
    return c.redirect(`${dayPath(day)}?done=${isNew ? 'run' : 'joined'}`, 303);
  } catch (error) {
    return showCalendar(c, deps, { ...asked, code: refusalOf(c, error) });
  }
}

const discrepancyOf = (c: Context<IngressEnv>) => ({
  mchids: [requireMerchant(c, c.req.param('mchid') ?? '')],
  id: c.req.param('id') ?? '',
});

async function decide(c: Context<IngressEnv>, deps: IngressDeps): Promise<Response> {
  const given = useCaseDeps(deps);
  const place = discrepancyOf(c);
  const read = readDecision(await formOf(c));
  if (!read.ok) {
    const row = await requireDiscrepancy(given, place);
    return showDiscrepancy(c, { row, now: deps.now(), entered: read.error });
  }
  const { action, reason } = read.value;
  try {
    const row = await decideDiscrepancy(given, place, action, { ...operatorAsker(c.get('operator'), reason), reason });
    return c.redirect(`${discrepancyPath(row)}?done=${action}`, 303);
  } catch (error) {
    const refusal = refusalOf(c, error);
    const row = await requireDiscrepancy(given, place);
    return showDiscrepancy(c, { row, now: deps.now(), entered: { action, reason, errors: {} }, refusal });
  }
}

/** Rethrows what has a page of its own: unexpected errors, and services that are away. */
function refusalOf(c: Context<IngressEnv>, error: unknown): ErrorCode {
  const refusal = apiErrorOf(error);
  if (refusal === undefined || ERRORS[refusal.code].status === 503) throw error;
  c.set('errorCode', refusal.code);
  return refusal.code;
}
