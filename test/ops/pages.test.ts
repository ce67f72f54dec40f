import { beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from 'postgres';
import { connect } from '../../src/db/connection.js';
import { served } from '../../src/entries/served.js';
import { createApp } from '../../src/http/app.js';
import { onDatabase } from '../support/services.js';
import { json, MCHID, NOW, OTHER_MCHID, useTestApp } from '../http/support/test-app.js';
import { opsRows } from './support/rows.js';
import { cookieOf, sendForm, signedIn } from './support/operator.js';

const test = useTestApp();
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);
const CANARY = `<script>alert('canary')</script>"'><img src=x onerror=alert(1)>`;

let both: string;
let stuck: string[];
let twin: string;
beforeAll(async () => {
  both = (await test.newKey('operator', [MCHID, OTHER_MCHID], CANARY)).key;
  await onDatabase(test.databaseUrl, seed);
});

/** Thirty stuck orders, one a minute, at two merchants in turn; the first is the oldest. */
async function seed(sql: Sql): Promise<void> {
  const [mine, others] = [opsRows(sql, MCHID), opsRows(sql, OTHER_MCHID)];
  stuck = [];
  for (let n = 0; n < 30; n += 1) {
    const since = ago(100 - n);
    const reason = n % 3 === 0 ? 'gateway_unreachable' : 'close_unconfirmed';
    const rows = n % 2 === 0 ? mine : others;
    stuck.push(await rows.waiting({ createdAt: ago(110), stuck: reason, since, description: CANARY }));
  }
  await mine.paid({ paidAt: ago(1), foundBy: 'notify' });
  twin = await others.paid({ paidAt: ago(1), foundBy: 'poll' });
  await mine.waiting({ number: twin, createdAt: ago(1) });
}

const operator = (change = {}) => signedIn(test, both, change);
const ordersOn = (page: string): string[] => [...page.matchAll(/data-order="([^"]+)"/g)].map((found) => found[1] ?? '');

describe('every page', () => {
  it.each([
    '/ops',
    '/ops/stuck',
    '/ops/orders',
    '/ops/orders?q=none-such',
    '/ops/refunds',
    '/ops/search',
    '/ops/login',
    '/ops/no-such-page',
  ])('%s has nothing inline, keeps to its own origin, and is kept nowhere', async (path) => {
    const answer = await (
      await operator()
    ).get(path, { Cookie: path === '/ops/login' ? '' : (await operator()).cookie });
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('same-origin');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    const page = await answer.text();
    expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+="|<script(?![^>]*\ssrc=)|https?:\/\/(?!www\.w3\.org)/);
    expect(page.match(/<h1/g)).toHaveLength(1);
    expect(page).toMatch(/<main id="main"/);
  });

  it('shows what others wrote as text', async () => {
    const { get } = await operator();
    for (const path of ['/ops', '/ops/stuck', '/ops/orders', `/ops/orders?q=${encodeURIComponent(CANARY)}`]) {
      const page = await (await get(path)).text();
      expect(page).toContain('&lt;script&gt;');
      expect(page).not.toContain('<script>alert');
      expect(page).not.toContain('<img');
    }
  });

  it('is in the language that was chosen last, else in the one the browser asks for', async () => {
    const { get, cookie } = await operator();
    expect(await (await get('/ops')).text()).toContain('<html lang="zh-CN">');
    expect(await (await get('/ops', { 'Accept-Language': 'en-GB' })).text()).toContain('<html lang="en">');
    const switched = await get('/ops/stuck?reason=review&lang=en', { 'Accept-Language': 'zh-CN' });
    const [language] = switched.headers.getSetCookie();
    expect(language).toMatch(/^paysaga-ops-lang=en; Max-Age=\d+; Path=\/ops; HttpOnly; Secure; SameSite=Lax$/);
    const page = await switched.text();
    expect(page).toContain('Stuck orders');
    expect(page).toContain('href="/ops/stuck?reason=review&amp;lang=zh"');
    const kept = `${cookie}; ${language?.split(';')[0] ?? ''}`;
    expect(await (await get('/ops', { Cookie: kept, 'Accept-Language': 'zh-CN' })).text()).toContain('Overview');
    expect((await get('/ops?lang=fr')).headers.getSetCookie()).toEqual([]);
  });

  it('answers errors as a page, with the request’s number', async () => {
    const { get } = await operator();
    const missing = await get('/ops/no-such-page');
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8']);
    expect(await missing.text()).toContain(missing.headers.get('x-request-id'));
  });

  it('says that Postgres does not answer, and when to try again', async () => {
    const { cookie } = await operator();
    const connection = connect('postgres://nobody@127.0.0.1:1/none');
    const app = createApp(test.deps({ connection }), served);
    const answer = await app.request('/ops', { headers: { Cookie: cookie } });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.text()).toContain('data-code="unavailable"');
    await connection.close();
  });
});

describe('merchants', () => {
  it('pages show all of the operator’s, or the one that was chosen', async () => {
    const { get } = await operator();
    expect(await (await get('/ops')).text()).toContain(`<option value="${OTHER_MCHID}">`);
    const one = await (await get(`/ops/stuck?mchid=${OTHER_MCHID}`)).text();
    expect(ordersOn(one)).toEqual(stuck.filter((_, n) => n % 2 === 1));
    expect(one).toContain(`href="/ops?mchid=${OTHER_MCHID}"`);
  });

  it.each(['/ops', '/ops/stuck', '/ops/orders', '/ops/refunds', '/ops/charts.json'])(
    '%s: nobody sees those of others',
    async (path) => {
      const { get } = await signedIn(test, (await test.operatorKey()).key);
      expect((await get(`${path}?mchid=${OTHER_MCHID}`)).status).toBe(403);
      expect((await get(`${path}?mchid=1999999999`)).status).toBe(403);
      expect(await (await get(path)).text()).not.toContain(OTHER_MCHID);
    },
  );
});

describe('what is stuck', () => {
  it('comes oldest first on the overview, with its money, and all of it by reason', async () => {
    const page = await (await (await operator()).get('/ops', { 'Accept-Language': 'en' })).text();
    expect(ordersOn(page)).toEqual(stuck.slice(0, 10));
    expect(page).toMatch(/id="stuck-count">.*?<b class="tile-value">30<\/b> <span class="tile-note">¥0\.00 at risk/s);
    expect(page).toContain(`href="/ops/bulk?mchid=${MCHID}&amp;stuckReason=gateway_unreachable"`);
    expect(page).toContain(`href="/ops/orders/${MCHID}/${stuck[0] ?? ''}"`);
  });

  it('is paged across merchants, each order once', async () => {
    const { get } = await operator();
    const first = await (await get('/ops/stuck')).text();
    const next = /rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await (await get(next)).text();
    expect([...ordersOn(first), ...ordersOn(second)]).toEqual(stuck);
    expect(second).not.toContain('rel="next"');
  });

  it('is filtered by reason; reasons and cursors that nobody gave are refused', async () => {
    const { get } = await operator();
    const page = await (await get('/ops/stuck?reason=gateway_unreachable&mchid=')).text();
    expect(ordersOn(page)).toEqual(stuck.filter((_, n) => n % 3 === 0));
    expect((await get('/ops/stuck?reason=tired')).status).toBe(400);
    expect((await get('/ops/stuck?cursor=x')).status).toBe(400);
  });

  it('leads into the Temporal UI where that is known', async () => {
    const temporalUi = { url: 'https://temporal.example.com', namespace: 'pay saga' };
    const workflow = encodeURIComponent(`order/${MCHID}/${stuck[0] ?? ''}`);
    const link = `href="https://temporal.example.com/namespaces/pay%20saga/workflows/${workflow}"`;
    const filter =
      'href="https://temporal.example.com/namespaces/pay%20saga/workflows?query=StuckReason%20IS%20NOT%20NULL%20AND%20ExecutionStatus%20%3D%20';
    const page = await (await (await operator({ temporalUi })).get('/ops')).text();
    expect(page).toContain(link);
    expect(page).toContain(filter);
    expect(await (await (await operator()).get('/ops')).text()).not.toContain('temporal.example.com');
  });
});

describe('a search', () => {
  it('for a number of one order leads to it', async () => {
    const { get } = await operator();
    const answer = await get(`/ops/search?q=%20${stuck[1] ?? ''}%20`);
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `/ops/orders/${OTHER_MCHID}/${stuck[1] ?? ''}`,
    ]);
  });

  it('for a number of several lists them', async () => {
    const page = await (await (await operator()).get(`/ops/search?q=${twin}`)).text();
    expect(page).toContain(`/ops/orders/${OTHER_MCHID}/${twin}`);
    expect(page).toContain(`/ops/orders/${MCHID}/`);
  });

  it('for anything else leads to the list of what has it, which says what can be found', async () => {
    const { get } = await operator();
    const answer = await get('/ops/search?q=A-4711', { 'Accept-Language': 'en' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/ops/orders?q=A-4711']);
    const page = await (await get('/ops/orders?q=A-4711', { 'Accept-Language': 'en' })).text();
    expect(page).toContain('There are none.');
    expect(page).toContain('out_trade_no');
  });

  it('asks for what can be looked for', async () => {
    for (const q of ['x', '', '%00%00', 'y'.repeat(65)]) {
      const answer = await (await operator()).get(`/ops/search?q=${q}`, { 'Accept-Language': 'en' });
      expect([answer.status, (await answer.text()).includes('Enter 2 to 64 characters')]).toEqual([200, true]);
    }
  });

  it('finds nothing of other merchants', async () => {
    const { get } = await signedIn(test, (await test.operatorKey()).key);
    const answer = await get(`/ops/search?q=${stuck[1] ?? ''}`);
    const path = answer.headers.get('location') ?? '';
    expect(path).toBe(`/ops/orders?q=${stuck[1] ?? ''}`);
    expect(ordersOn(await (await get(path)).text())).toEqual([]);
  });
});

it('the charts’ numbers are those of their tables', async () => {
  const { get } = await operator();
  type Chart = { id: string; labels: string[]; series: { key: string; values: number[] }[] };
  const { charts } = await json<{ charts: Chart[] }>(await get('/ops/charts.json'));
  expect(charts.map(({ id, labels }) => [id, labels.length])).toEqual([
    ['paid', 24],
    ['time', 9],
    ['refunds', 7],
    ['errors', 24],
  ]);
  const [paid] = charts;
  const lastHours = paid?.series.flatMap(({ key, values }) => (values.some(Boolean) ? [[key, values.at(-2)]] : []));
  expect(lastHours).toEqual([
    ['notify', 1],
    ['poll', 1],
  ]);
  for (const { values } of charts.flatMap(({ series }) => series)) expect(values.every(Number.isInteger)).toBe(true);
});

it('what one operator was shown is shown to the next for five seconds: many cost the database as much as one', async () => {
  const { app, get } = await operator();
  const before = await (await get('/ops/charts.json')).text();
  const { key } = await test.newKey('operator', [OTHER_MCHID, MCHID], 'Li Lei');
  await onDatabase(test.databaseUrl, (sql) => opsRows(sql, MCHID).paid({ paidAt: ago(0), foundBy: 'sync' }));
  const colleague = await sendForm(app, '/ops/login', { key });
  const seen = await app.request('/ops/charts.json', { headers: { Cookie: cookieOf(colleague) } });
  expect(await seen.text()).toBe(before);
  test.clock.now = new Date(NOW.getTime() + 5_000);
  expect(await (await get('/ops/charts.json')).text()).not.toBe(before);
});

it('styles, script and chart.js come from here, without a session', async () => {
  const { app, get } = await operator();
  const page = await (await get('/ops')).text();
  const files = [...page.matchAll(/(?:src|href)="(\/ops\/assets\/[^"]+)"/g)].map((found) => found[1] ?? '');
  expect(files).toHaveLength(4);
  for (const file of files) {
    const answer = await app.request(file);
    expect([answer.status, answer.headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
    expect(answer.headers.get('cache-control')).toMatch(/^public/);
  }
  expect((await (await app.request('/ops/assets/chart.js')).text()).length).toBeGreaterThan(100_000);
});
