import type { Context, Hono } from 'hono';
import { listInbox } from '../store/inbox.js';
import type { Mchid } from '../../base/ids.js';
import { ApiError } from '../../http/kit/api-error.js';
import { requireMerchant } from '../../ops/kit/merchants.js';
import { page, type OpsPage } from '../../ops/kit/page.js';
import { INBOX_VIEWS, InboxPage, type InboxState } from './page.js';
import { INBOX_TEXTS, type InboxView } from './text.js';
import { pageOf } from '../../http/kit/call.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';

const ROWS = 50;

export const inboxPage: OpsPage = {
  section: { path: '/ops/inbox', title: { zh: INBOX_TEXTS.zh.title, en: INBOX_TEXTS.en.title } },
  register: registerOpsInbox,
};

function registerOpsInbox(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get('/ops/inbox', async (c) => {
    const { mchids } = c.get('operator');
    const mchid = merchantOf(c, mchids);
    const view = INBOX_VIEWS.find((it) => it === c.req.query('view')) ?? 'waiting';
    const language = c.get('language');
    const found = view === 'waiting' ? await unfinished(deps, mchid) : await listed(deps, mchid, view, cursorOf(c));
    const state: InboxState = { mchid, mchids, view, language, ...found };
    return page(c, { title: INBOX_TEXTS[language].title, active: '/ops/inbox' }, <InboxPage state={state} />);
  });
}

function merchantOf(c: Context<IngressEnv>, mchids: readonly Mchid[]): Mchid {
  const asked = c.req.query('mchid') ?? '';
  if (asked !== '') return requireMerchant(c, asked);
  const [first] = mchids;
  if (first === undefined) throw new ApiError('forbidden', 'This key acts for no merchant.');
  return first;
}

const cursorOf = (c: Context<IngressEnv>): string | undefined => c.req.query('cursor');

type Found = Pick<InboxState, 'rows' | 'nextCursor' | 'cappedAt'>;

async function listed(
  deps: IngressDeps,
  mchid: Mchid,
  status: Exclude<InboxView, 'waiting'>,
  cursor?: string,
): Promise<Found> {
  const { items, nextCursor } = pageOf(await listInbox(deps.connection.db, { mchid, status, cursor, limit: ROWS }));
  return { rows: items, nextCursor, cappedAt: null };
}

/** Both unfinished kinds in one list, newest first; only each kind's own list has further pages. */
async function unfinished(deps: IngressDeps, mchid: Mchid): Promise<Found> {
  const pages = await Promise.all(
    (['verified', 'unmatched'] as const).map(async (status) =>
      pageOf(await listInbox(deps.connection.db, { mchid, status, limit: ROWS })),
    ),
  );
  const rows = pages.flatMap(({ items }) => items);
  const isCapped = pages.some(({ nextCursor }) => nextCursor !== null);
  return {
    rows: rows.toSorted((a, b) => b.receivedAt.getTime() - a.receivedAt.getTime()),
    nextCursor: null,
    cappedAt: isCapped ? ROWS : null,
  };
}
