import { randomUUID } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { listBulks } from '../store/bulk.js';
import { actorLabel } from '../../http/kit/actor.js';
import { bulkStatus, previewBulk, startBulk } from '../api/calls.js';
import type { BulkRequest } from '../api/request.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { formOf } from '../../ops/kit/form.js';
import { requireMerchant } from '../../ops/kit/merchants.js';
import { page, type OpsPage } from '../../ops/kit/page.js';
import { enteredBulk, readBulk, type BulkErrors, type EnteredBulk } from './entered.js';
import { BulkFormPage, bulkPath } from './form-page.js';
import { PreviewPage } from './preview-page.js';
import { ProgressPage } from './progress-page.js';
import { BULK_TEXTS } from './text.js';

const LATEST = 10;
const REFRESH_SECONDS = 2;

export const bulkPage: OpsPage = {
  section: { path: '/ops/bulk', title: { zh: BULK_TEXTS.zh.title, en: BULK_TEXTS.en.title } },
  register: registerOpsBulk,
};

function registerOpsBulk(app: Hono<IngressEnv>, deps: IngressDeps): void {
  const once = createOnce<{ id: string }>();
  app.get('/ops/bulk', (c) => showForm(c, deps, enteredBulk(c.req.query()), {}));
  app.post('/ops/bulk', async (c) => {
    const entered = enteredBulk(await formOf(c));
    const read = readBulk(entered, askerOf(c), deps.now());
    if (!read.ok) return showForm(c, deps, entered, read.error);
    return showPreview(c, deps, { request: read.value, entered, nonce: randomUUID(), isUnconfirmed: false });
  });
  app.post('/ops/bulk/run', async (c) => {
    const fields = await formOf(c);
    const entered = enteredBulk(fields);
    const read = readBulk(entered, askerOf(c), deps.now());
    if (!read.ok) return showForm(c, deps, entered, read.error);
    const { nonce = '' } = fields;
    if (fields['confirm'] !== 'yes')
      return showPreview(c, deps, { request: read.value, entered, nonce, isUnconfirmed: true });
    const key = nonce === '' ? '' : `${c.get('operator').keyId} ${nonce}`;
    const { id } = await once(key, () => startBulk(deps, read.value));
    return c.redirect(bulkPath({ mchid: read.value.mchid, id }), 303);
  });
  // A reload of a page that was sent.
  app.get('/ops/bulk/run', (c) => c.redirect('/ops/bulk', 303));
  app.get('/ops/bulk/:mchid/:id', (c) => showProgress(c, deps));
}

function askerOf(c: Context<IngressEnv>) {
  const operator = c.get('operator');
  return { mchids: operator.mchids, actor: actorLabel(operator) };
}

async function showForm(
  c: Context<IngressEnv>,
  deps: IngressDeps,
  entered: EnteredBulk,
  errors: BulkErrors,
): Promise<Response> {
  const { mchids } = c.get('operator');
  const latest = await listBulks(deps.connection.db, mchids, LATEST);
  const language = c.get('language');
  const state = { entered, errors, mchids, latest, language, csrfToken: c.get('csrfToken') };
  const status = Object.keys(errors).length === 0 ? 200 : 400;
  return page(c, { title: BULK_TEXTS[language].title, active: '/ops/bulk', status }, <BulkFormPage state={state} />);
}

type Choice = {
  readonly request: BulkRequest;
  readonly entered: EnteredBulk;
  readonly nonce: string;
  readonly isUnconfirmed: boolean;
};

async function showPreview(c: Context<IngressEnv>, deps: IngressDeps, choice: Choice): Promise<Response> {
  const preview = await previewBulk(deps, choice.request);
  const language = c.get('language');
  const state = { ...choice, preview, language, csrfToken: c.get('csrfToken') };
  const status = choice.isUnconfirmed ? 400 : 200;
  const title = BULK_TEXTS[language].dryRunTitle;
  return page(c, { title, active: '/ops/bulk', status }, <PreviewPage state={state} />);
}

async function showProgress(c: Context<IngressEnv>, deps: IngressDeps): Promise<Response> {
  const mchid = requireMerchant(c, c.req.param('mchid') ?? '');
  const bulk = await bulkStatus(deps, mchid, c.req.param('id') ?? '');
  // A header rather than an element: it works with scripts and without.
  if (bulk.finishedAt === null) c.header('Refresh', String(REFRESH_SECONDS));
  const language = c.get('language');
  const state = { bulk, now: deps.now(), language };
  return page(c, { title: BULK_TEXTS[language].title, active: '/ops/bulk' }, <ProgressPage state={state} />);
}

const REMEMBERED = 500;

/**
 * Begins once under a nonce: a second sending gets the first one's answer. Kept in this process; sendings to two ingresses are
 * two bulks, which ask each order for the same and so change nothing more.
 */
export function createOnce<T>(): (nonce: string, begin: () => Promise<T>) => Promise<T> {
  const begun = new Map<string, Promise<T>>();
  return (nonce, begin) => {
    const known = nonce === '' ? undefined : begun.get(nonce);
    if (known !== undefined) return known;
    const started = begin();
    if (nonce === '') return started;
    begun.set(nonce, started);
    // One that failed may be sent again.
    started.catch(() => begun.delete(nonce));
    for (const oldest of [...begun.keys()].slice(0, Math.max(0, begun.size - REMEMBERED))) begun.delete(oldest);
    return started;
  };
}
