import type { Context, Hono } from 'hono';
import { pageOf } from '../../http/kit/call.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { chosenMerchant, chosenMerchants, MerchantSelect } from '../../ops/kit/merchants.js';
import { page, type OpsPage } from '../../ops/kit/page.js';
import { APPROVAL_STATUSES, type ApprovalStatus } from '../rules/approval.js';
import { listApprovals } from '../store/list.js';
import { Approvals } from './approvals.js';
import { APPROVAL_TEXTS } from './text.js';

const PATH = '/ops/approvals';
const ROWS = 50;

export const approvalsPage: OpsPage = {
  section: { path: PATH, title: { zh: APPROVAL_TEXTS.zh.title, en: APPROVAL_TEXTS.en.title } },
  register: registerOpsApprovals,
};

function registerOpsApprovals(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get(PATH, async (c) => {
    const [language, mchids] = [c.get('language'), chosenMerchants(c)];
    const texts = APPROVAL_TEXTS[language];
    const status = APPROVAL_STATUSES.find((it) => it === c.req.query('status')) ?? 'pending';
    const cursor = c.req.query('cursor') ?? '';
    const filter = { mchids, status, limit: ROWS, cursor: cursor === '' ? undefined : cursor };
    const { items, nextCursor } = pageOf(await listApprovals(deps.connection.db, filter));
    const shown = { language, now: deps.now(), namesMerchant: mchids.length > 1 };
    return page(
      c,
      { title: texts.title, active: PATH },
      <div class="inbox" id="approvals" data-status={status}>
        <p class="lead">{texts.lead}</p>
        <Choice c={c} status={status} />
        <section class="card">
          {items.length === 0 ? <p class="soft">{texts.none}</p> : <Approvals rows={items} {...shown} />}
          {nextCursor === null ? null : (
            <p class="buttons">
              <a class="button" id="older" rel="next" href={pathOf(c, status, nextCursor)}>
                {texts.more}
              </a>
            </p>
          )}
        </section>
      </div>,
    );
  });
}

function pathOf(c: Context<IngressEnv>, status: ApprovalStatus, cursor?: string): string {
  const mchid = chosenMerchant(c);
  const given = { ...(mchid === undefined ? {} : { mchid }), ...(cursor === undefined ? {} : { cursor }) };
  return `${PATH}?${new URLSearchParams({ status, ...given }).toString()}`;
}

function Choice({ c, status }: { readonly c: Context<IngressEnv>; readonly status: ApprovalStatus }) {
  const texts = APPROVAL_TEXTS[c.get('language')];
  return (
    <>
      {c.get('operator').mchids.length < 2 ? null : (
        <form class="filter" method="get" action={PATH}>
          <MerchantSelect c={c} />
          <input type="hidden" name="status" value={status} />
          <button type="submit">{texts.show}</button>
        </form>
      )}
      <nav class="tabs" aria-label={texts.title}>
        {APPROVAL_STATUSES.map((view) => (
          <a class="tab" href={pathOf(c, view)} {...(view === status ? { 'aria-current': 'page' as const } : {})}>
            {texts.views[view]}
          </a>
        ))}
      </nav>
    </>
  );
}
