import type { Context, Hono } from 'hono';
import type { Mchid } from '../../base/ids.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { MerchantSelect, chosenMerchant, chosenMerchants } from '../../ops/kit/merchants.js';
import { TemporalLink, temporalFilterUrl, temporalUrl } from '../../ops/kit/pieces.js';
import { beijingTime } from '../../base/time.js';
import { page, type OpsPage } from '../../ops/kit/page.js';
import { loadStuck } from '../../orders/page/stuck-page.js';
import { StuckTable, StuckTotals } from '../../orders/page/stuck-tables.js';
import { ChartPanel, chartsOf } from './charts.js';
import { keepFresh, loadFigures } from './figures.js';
import { DASHBOARD_TEXTS, TEMPORAL_FILTERS } from './text.js';
import { Tiles, withMerchant } from './tiles.js';

const OLDEST = 10;
const RELOAD_SECONDS = 30;

export const dashboardPage: OpsPage = {
  section: { path: '/ops', title: { zh: DASHBOARD_TEXTS.zh.title, en: DASHBOARD_TEXTS.en.title } },
  register: registerDashboard,
};

/** `/ops`: whether anything needs a person, and what first; `/ops/charts.json`: what its charts draw. */
function registerDashboard(app: Hono<IngressEnv>, deps: IngressDeps): void {
  const load = keepFresh((mchids) => loadOverview(deps, mchids), deps.now);
  app.get('/ops', async (c) => {
    const mchids = chosenMerchants(c);
    const overview = await load(mchids);
    const content = <Dashboard c={c} deps={deps} overview={overview} mchids={mchids} />;
    const { title } = DASHBOARD_TEXTS[c.get('language')];
    return page(c, { title, active: '/ops', charts: true, reloadSeconds: RELOAD_SECONDS }, content);
  });
  app.get('/ops/charts.json', async (c) => {
    const { figures } = await load(chosenMerchants(c));
    return c.json({ at: figures.at, charts: chartsOf(figures, c.get('language')) });
  });
}

async function loadOverview(deps: IngressDeps, mchids: readonly Mchid[]) {
  const [figures, { rows }] = await Promise.all([
    loadFigures(deps.connection.db, mchids, deps.now()),
    loadStuck(deps, { mchids, limit: OLDEST }),
  ]);
  return { figures, rows };
}

type DashboardProps = {
  readonly c: Context<IngressEnv>;
  readonly deps: IngressDeps;
  readonly overview: Awaited<ReturnType<typeof loadOverview>>;
  readonly mchids: readonly Mchid[];
};

function Dashboard({ c, deps, overview: { figures, rows }, mchids }: DashboardProps) {
  const language = c.get('language');
  const texts = DASHBOARD_TEXTS[language];
  const shared = { language, now: figures.at, namesMerchant: mchids.length > 1 };
  const mchid = chosenMerchant(c);
  return (
    <>
      <Bar c={c} at={figures.at} />
      <section id="tiles" data-live aria-label={texts.now}>
        <Tiles figures={figures} language={language} mchid={mchid} />
      </section>
      <section class="card" id="stuck" data-live>
        <div class="card-head">
          <h2>{texts.oldest}</h2>
          <a href={withMerchant('/ops/stuck', mchid)}>{texts.seeAll}</a>
        </div>
        <StuckTable rows={rows} {...shared} temporal={(workflowId) => temporalUrl(deps, workflowId)} />
      </section>
      <section class="card" id="totals" data-live>
        <h2>{texts.byReason}</h2>
        <StuckTotals totals={figures.stuck} {...shared} />
      </section>
      <section class="charts" id="charts" aria-label={texts.charts} data-from={withMerchant('/ops/charts.json', mchid)}>
        <noscript>
          <p class="soft">{texts.noScript}</p>
        </noscript>
        {chartsOf(figures, language).map((chart) => (
          <ChartPanel chart={chart} language={language} />
        ))}
      </section>
      <TemporalFilters c={c} deps={deps} mchid={mchid} />
    </>
  );
}

function Bar({ c, at }: { readonly c: Context<IngressEnv>; readonly at: Date }) {
  const texts = DASHBOARD_TEXTS[c.get('language')];
  return (
    <div class="under-title">
      {c.get('operator').mchids.length < 2 ? null : (
        <form class="filter" method="get" action="/ops">
          <MerchantSelect c={c} />
          <button type="submit">{texts.show}</button>
        </form>
      )}
      <p class="soft as-of" id="as-of" data-live data-stale={texts.stale}>
        <span>{texts.asOf}</span> <time datetime={at.toISOString()}>{beijingTime(at).slice(11)}</time>
      </p>
    </div>
  );
}

type FiltersProps = Pick<DashboardProps, 'c' | 'deps'> & { readonly mchid: string | undefined };

function TemporalFilters({ c, deps, mchid }: FiltersProps) {
  const texts = DASHBOARD_TEXTS[c.get('language')];
  if (deps.temporalUi === undefined) return null;
  const ofMerchant = mchid === undefined ? '' : ` AND Mchid = '${mchid}'`;
  return (
    <section class="card" id="temporal">
      <h2>{texts.temporal}</h2>
      <p class="soft">{texts.temporalLead}</p>
      <ul class="filters">
        {filterNames.map((name) => (
          <li>
            <TemporalLink
              href={temporalFilterUrl(deps, TEMPORAL_FILTERS[name] + ofMerchant)}
              text={texts.filters[name]}
            />{' '}
            <code>{TEMPORAL_FILTERS[name] + ofMerchant}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

const filterNames = ['stuck', 'review', 'merchantConfig', 'gateway', 'refunds', 'events', 'open'] as const;
