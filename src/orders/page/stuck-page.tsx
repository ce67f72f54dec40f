import type { Context, Hono } from 'hono';
import { listStuckOrders, stuckTotals, type StuckFilter } from '../store/list.js';
import { STUCK_REASONS, type StuckReason } from '../rules/states.js';
import { ApiError } from '../../http/kit/api-error.js';
import { useCaseDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { chosenMerchants, MerchantSelect } from '../../ops/kit/merchants.js';
import { WORDS } from './words.js';
import { page, type OpsPage } from '../../ops/kit/page.js';
import { temporalUrl } from '../../ops/kit/pieces.js';
import { StuckTable, StuckTotals } from './stuck-tables.js';
import { STUCK_TEXTS } from './stuck-text.js';
import type { Explanation } from '../rules/explain/explain.js';
import type { OrderRecord } from '../rules/record.js';
import { explanationsOf } from '../use-cases/explanation.js';
import { pageOf } from '../../http/kit/call.js';

const PAGE_ROWS = 25;

export const stuckPage: OpsPage = {
  section: { path: '/ops/stuck', title: { zh: STUCK_TEXTS.zh.title, en: STUCK_TEXTS.en.title } },
  register: registerStuck,
};

/** `/ops/stuck`: all of it, page by page, by reason and merchant. */
function registerStuck(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get('/ops/stuck', async (c) => {
    const [language, mchids] = [c.get('language'), chosenMerchants(c)];
    const texts = STUCK_TEXTS[language];
    const reason = reasonOf(c.req.query('reason'));
    const cursor = given(c.req.query('cursor'));
    const [{ rows, nextCursor }, totals] = await Promise.all([
      loadStuck(deps, { mchids, stuckReason: reason, cursor, limit: PAGE_ROWS }),
      stuckTotals(deps.connection.db, mchids),
    ]);
    const shown = { language, now: deps.now(), namesMerchant: mchids.length > 1 };
    return page(
      c,
      { title: texts.title, active: '/ops/stuck' },
      <>
        <section class="card" id="totals" aria-label={texts.reason}>
          <StuckTotals totals={totals} {...shown} />
        </section>
        <section class="card" id="stuck">
          <div class="card-head">
            <h2>{reason === undefined ? texts.oldestFirst : WORDS[language].stuck[reason]}</h2>
            <Filter c={c} reason={reason} />
          </div>
          <StuckTable rows={rows} reason={reason} {...shown} temporal={(id) => temporalUrl(deps, id)} />
          <p class="pager">
            {cursor === undefined ? null : <a href={pathOf(c, null)}>{texts.first}</a>}
            {nextCursor === null ? null : (
              <a class="button" rel="next" href={pathOf(c, nextCursor)}>
                {texts.more}
              </a>
            )}
          </p>
        </section>
      </>,
    );
  });
}

function Filter({ c, reason }: { readonly c: Context<IngressEnv>; readonly reason: StuckReason | undefined }) {
  const language = c.get('language');
  const texts = STUCK_TEXTS[language];
  return (
    <form class="filter" method="get" action="/ops/stuck">
      <MerchantSelect c={c} />
      <label>
        <span class="visually-hidden">{texts.reason}</span>
        <select name="reason">
          <option value="">{texts.any}</option>
          {STUCK_REASONS.map((it) => (
            <option value={it} selected={it === reason}>
              {WORDS[language].stuck[it]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">{texts.show}</button>
    </form>
  );
}

function reasonOf(asked: string | undefined): StuckReason | undefined {
  const known = STUCK_REASONS.find((reason) => reason === asked);
  if (known === undefined && given(asked) !== undefined)
    throw new ApiError('invalid_request', 'query reason: is not a stuck reason.');
  return known;
}

/** An empty field of a form is not a wish. */
const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function pathOf(c: Context<IngressEnv>, cursor: string | null): string {
  const { mchid, reason } = c.req.query();
  const query = Object.entries({ mchid, reason, cursor }).filter((entry): entry is [string, string] => !!entry[1]);
  return query.length === 0 ? '/ops/stuck' : `/ops/stuck?${new URLSearchParams(query).toString()}`;
}

export type StuckRow = { readonly order: OrderRecord; readonly explanation: Explanation };

/** What is stuck of all these merchants, oldest first, each with why. Throws `invalid_request` for a cursor that no page gave. */
export async function loadStuck(deps: IngressDeps, filter: StuckFilter) {
  const { items, nextCursor } = pageOf(await listStuckOrders(deps.connection.db, filter));
  const explanation = await explanationsOf(useCaseDeps(deps), items);
  const rows = items.map((order): StuckRow => ({ order, explanation: explanation(order).explain }));
  return { rows, nextCursor };
}
