import { beforeAll, beforeEach, expect, it } from 'vitest';
import { recordDistrust } from '../../../src/reconciliation/store/bill.js';
import { finishDay, loadDay, markDayStalled, openDay, setWaiting } from '../../../src/reconciliation/store/day.js';
import { MCHID, OTHER_MCHID, useTestApp } from '../../http/support/test-app.js';
import { sendForm, signedIn, type Operator } from '../../ops/support/operator.js';
import { day, lineOf, NOW, on, payment, reconcile, UNREADABLE } from '../books.js';
import { BALANCED, databaseOf, DIFFERS, EMPTY, FAILED, HOSTILE, seedDays, WAITING } from './seed.js';

const test = useTestApp();
const ROOT = '/ops/reconciliation';

let operator: Operator;
beforeAll(async () => {
  test.reset();
  await seedDays(test);
});
beforeEach(async () => {
  test.clock.now = NOW;
  operator = await signedIn(test, (await test.operatorKey()).key);
});

const read = async (path: string) => (await operator.get(`${path}${path.includes('?') ? '&' : '?'}lang=en`)).text();
const dayPath = (date: string, mchid: string = MCHID) => `${ROOT}/days/${mchid}/${date}`;
const run = (date: string, change: Record<string, string> = {}) =>
  operator.post(`${ROOT}/run?lang=en`, { mchid: MCHID, date, ...change });

/** What stands in the cell of a day. */
const cellOf = (html: string, date: string) => new RegExp(`data-date="${date}"[^]*?</td>`).exec(html)?.[0] ?? '';
const textOf = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

it('a month shows the state of each day in a word, and how many discrepancies are open', async () => {
  const html = await read(`${ROOT}?month=2026-05`);
  const marks = [BALANCED, EMPTY, FAILED, WAITING, DIFFERS, '2026-05-29'].map(
    (date) => /data-mark="(\w+)"/.exec(cellOf(html, date))?.[1],
  );
  expect(marks).toEqual(['balanced', 'empty', 'failed', 'waiting', 'differs', 'not_begun']);
  expect(cellOf(html, DIFFERS)).toContain('7 open');
  expect(cellOf(html, DIFFERS)).toContain(`href="${dayPath(DIFFERS)}"`);
  expect(cellOf(html, BALANCED)).not.toContain('open');
  expect(textOf(cellOf(html, BALANCED))).toContain('Balanced');
  expect(html).toContain('<title>Reconciliation');
});

it('days that are today, to come, not ready and too old are told apart from those that were not begun', async () => {
  const months = { '2026-06': ['2026-06-01', '2026-06-02'], '2026-03': ['2026-03-02', '2026-03-03'] };
  const marks: (string | undefined)[] = [];
  for (const [month, dates] of Object.entries(months)) {
    const html = await read(`${ROOT}?month=${month}`);
    marks.push(...dates.map((date) => /data-mark="(\w+)"/.exec(cellOf(html, date))?.[1]));
  }
  expect(marks).toEqual(['today', 'future', 'too_old', 'not_begun']);
  expect(cellOf(await read(`${ROOT}?month=2026-06`), '2026-06-01')).toContain('aria-current="date"');
  test.clock.now = new Date('2026-06-01T02:04:00Z');
  expect(cellOf(await read(`${ROOT}?month=2026-05`), '2026-05-31')).toContain('data-mark="not_ready"');
});

it('is of one merchant, and of nobody who does not act for it', async () => {
  const html = await read(`${ROOT}?month=2026-05&mchid=${MCHID}`);
  expect(html).not.toContain(OTHER_MCHID);
  const foreign = [`${ROOT}?mchid=${OTHER_MCHID}`, dayPath(BALANCED, OTHER_MCHID)];
  foreign.push(`${dayPath(BALANCED, OTHER_MCHID)}/lines?class=foreign`);
  for (const path of foreign) {
    const answer = await operator.get(path);
    expect([path, answer.status, (await answer.text()).includes('of-the-other')]).toEqual([path, 403, false]);
  }
  expect((await operator.post(dayPath(BALANCED, OTHER_MCHID))).status).toBe(403);
  expect((await run(BALANCED, { mchid: OTHER_MCHID })).status).toBe(403);
  const both = await signedIn(test, (await test.newKey('operator', [MCHID, OTHER_MCHID], 'Han')).key);
  const theirs = await (await both.get(`${ROOT}?month=2026-05&mchid=${OTHER_MCHID}`)).text();
  expect([cellOf(theirs, BALANCED), cellOf(theirs, DIFFERS)].map((it) => /data-mark="(\w+)"/.exec(it)?.[1])).toEqual([
    'differs',
    'not_begun',
  ]);
});

it.each(['month=2026-13', 'month=2027-01', 'month=x'])('refuses ?%s', async (query) => {
  expect((await operator.get(`${ROOT}?${query}`)).status).toBe(400);
});

it('a day is run once, however often it is asked for: the second joins, and says so', async () => {
  const date = '2026-04-15';
  const [first, second] = [await run(date), await operator.post(dayPath(date))];
  expect([first.status, first.headers.get('location')]).toEqual([303, `${dayPath(date)}?done=run`]);
  expect([second.status, second.headers.get('location')]).toEqual([303, `${dayPath(date)}?done=joined`]);
  const started = [test.reconciliations.callsOf('wake'), test.reconciliations.callsOf('start')];
  expect(started).toMatchObject([[{ date }], [{ date }]]);
  const standing = await loadDay(test.connection.db, { mchid: MCHID, date: day(date) });
  expect(standing).toMatchObject({ run: 1, state: 'waiting', askedBy: expect.stringMatching(/^Li Lei \(/) as unknown });
  expect(await read(`${dayPath(date)}?done=joined`)).toMatch(/data-flash="joined"/);
  expect(await read(`${dayPath(date)}?done=<b>`)).not.toMatch(/data-flash|<b>"/);
});

it('a day that is over runs again', async () => {
  const date = day('2026-04-16');
  await reconcile(databaseOf(test), date, { trade: 'none' });
  await finishDay(test.connection.db, { mchid: MCHID, date }, NOW);
  expect((await operator.get(dayPath(date))).headers.get('refresh')).toBeNull();
  expect((await operator.post(dayPath(date))).headers.get('location')).toBe(`${dayPath(date)}?done=run`);
  expect(await loadDay(test.connection.db, { mchid: MCHID, date })).toMatchObject({ run: 2, state: 'waiting' });
  expect((await operator.get(dayPath(date))).headers.get('refresh')).toBe('15');
});

it.each([
  ['2026-06-01', 422, 'bill_not_ready'],
  ['2026-06-02', 422, 'date_in_future'],
  ['2026-03-02', 422, 'date_too_old'],
  ['2026-02-30', 400, 'invalid_request'],
  ['', 400, 'invalid_request'],
])('%s is not run, and the form says why', async (date, status, code) => {
  const answer = await run(date);
  const html = await answer.text();
  expect([answer.status, /data-error="([^"]+)"/.exec(html)?.[1]]).toEqual([status, code]);
  expect(html).toContain('aria-invalid="true"');
  expect(test.reconciliations.calls).toEqual([]);
});

it('is not run by another page, without a session, or by a link', async () => {
  const before = test.reconciliations.calls.length;
  const forged = await run('2026-05-30', { csrf: 'x' });
  const nobody = await sendForm(operator.app, `${ROOT}/run`, { mchid: MCHID, date: '2026-05-30' });
  const link = await operator.get(`${ROOT}/run?date=2026-05-30`);
  expect([forged.status, nobody.status, link.status]).toEqual([403, 401, 303]);
  expect(await loadDay(test.connection.db, { mchid: MCHID, date: day('2026-05-30') })).toBeUndefined();
  expect(test.reconciliations.calls.length).toBe(before);
});

it('a day that differs shows both bills, both sides by class to the fen, and what is open', async () => {
  const html = await read(dayPath(DIFFERS));
  const text = textOf(html);
  expect(html).toMatch(/id="day" data-state="differs" data-run="1"/);
  expect(text).toContain('6 discrepancies are open');
  expect(html).toMatch(/data-bill="trade" data-state="imported"[^]*?67[^]*?<code>[0-9a-f]{40}<\/code>/);
  const row = (name: string, subject: string) =>
    textOf(new RegExp(`data-class="${name}" data-subject="${subject}"[^]*?</tr>`).exec(html)?.[0] ?? '');
  expect(row('matched', 'payment')).toMatch(/ 60 ¥617\.70 ¥617\.70 ¥0\.00 /);
  expect(row('paid_not_here', 'payment')).toMatch(/ 1 ¥10\.00 ¥0\.00 \+¥10\.00 /);
  expect(row('amount', 'payment')).toMatch(/ 1 ¥0\.05 ¥1,234,567\.00 -¥1,234,566\.95 /);
  expect(row('refund_not_here', 'refund')).toMatch(/ 1 -¥3\.00 ¥0\.00 -¥3\.00 /);
  expect(html).toContain(`href="${dayPath(DIFFERS)}/lines?class=matched"`);
  expect(html).toContain(`${ROOT}/discrepancies?mchid=${MCHID}&amp;class=amount&amp;from=${DIFFERS}&amp;to=${DIFFERS}`);
  expect(html).toContain('paysaga discrepancies');
});

it('one that waits says for what, since when and what is next; one that failed says why', async () => {
  const waiting = await operator.get(`${dayPath(WAITING)}?lang=en`);
  expect(waiting.headers.get('refresh')).toBe('15');
  const text = textOf(await waiting.text());
  expect(text).toMatch(/Waits for WeChat Pay to make the trade bill/);
  expect(text).toMatch(/Since 2026-06-01 10:40:00 \(1 h 20 min ago\)/);
  expect(text).toMatch(/ask for the bill again 2026-06-01 12:25:00 \(in 25 min\)/);
  expect(await read(dayPath(FAILED))).toMatch(
    /data-bill="trade" data-state="untrusted"[^]*It is not the file whose hash/,
  );
  expect(textOf(await read(dayPath(FAILED)))).toContain('The trade bill cannot be trusted');
});

it('a file that was not trusted in the place of an imported one is told beside what counts', async () => {
  const bill = { mchid: MCHID, date: BALANCED, kind: 'trade' } as const;
  await recordDistrust(test.connection.db, bill, UNREADABLE, NOW);
  const html = await read(dayPath(BALANCED));
  expect(html).toMatch(
    /data-bill="trade" data-state="imported"[^]*A later file was not trusted, nor taken: It cannot be read <code>line 12: bad_value \(订单金额\)<\/code>/,
  );
  const said = /class="explain-text">([^<]*)</.exec(html)?.[1];
  expect(said).toContain('A later trade bill was not taken, and the one before it counts');
  expect(said).toContain('line 12: bad_value (订单金额)');
});

it('a file that is not trusted says why, in the sides that do not agree', async () => {
  const date = day('2026-04-18');
  const trade = [lineOf(payment({ at: on(date) }))];
  await reconcile(databaseOf(test), date, { trade, summary: { count: 7 } });
  await finishDay(test.connection.db, { mchid: MCHID, date }, NOW);
  const html = await read(dayPath(date));
  expect(html).toMatch(
    /data-bill="trade" data-state="untrusted"[^]*Its lines do not add up[^]*<code>count: summary 7, lines 1<\/code>/,
  );
  const zh = await (await operator.get(`${dayPath(date)}?lang=zh`)).text();
  for (const said of [html, zh].map((it) => /class="explain-text">([^<]*)</.exec(it)?.[1]))
    expect(said).toContain('count: summary 7, lines 1');
});

it('a day whose run needs a person is red, and the month says so', async () => {
  const [stalled, failing] = [day('2026-04-20'), day('2026-04-21')];
  const { db } = test.connection;
  for (const date of [stalled, failing]) await openDay(db, { mchid: MCHID, date, askedBy: null, now: NOW });
  await markDayStalled(db, { mchid: MCHID, date: stalled }, true, NOW);
  await setWaiting(db, { mchid: MCHID, date: failing }, { waitsFor: 'failing', nextAt: NOW, now: NOW });
  expect(await read(dayPath(stalled))).toMatch(/explain-bad" id="explain" data-waiting-for="stalled"/);
  expect(await read(dayPath(failing))).toMatch(/explain-bad" id="explain" data-waiting-for="failing"/);
  expect(await read(dayPath(WAITING))).toMatch(/explain-busy" id="explain" data-waiting-for="trade_bill"/);
  const month = await read(`${ROOT}?month=2026-04`);
  for (const date of [stalled, failing]) expect(textOf(cellOf(month, date))).toContain('Needs a person');
  expect(textOf(cellOf(await read(`${ROOT}?month=2026-05`), WAITING))).not.toContain('Needs a person');
});

it('a day without a run says why there is none, and offers one only where there can be', async () => {
  const offers = async (date: string) => {
    const html = await read(dayPath(date));
    return [/data-state="(\w+)"/.exec(html)?.[1], html.includes('id="run"')];
  };
  expect(await offers('2026-05-30')).toEqual(['not_begun', true]);
  expect(await offers('2026-06-01')).toEqual(['today', false]);
  expect(await offers('2026-03-02')).toEqual(['too_old', false]);
  expect((await operator.get(dayPath('2026-02-30'))).status).toBe(400);
  expect((await operator.get(`${dayPath('2026-05-30')}/lines?class=matched`)).status).toBe(404);
});

it('lines of a class come page by page, each once, in the order of the bill', async () => {
  const lines: string[] = [];
  let path: string | undefined = `${dayPath(DIFFERS)}/lines?class=matched`;
  let pages = 0;
  while (path !== undefined) {
    const html = await read(path);
    lines.push(...[...html.matchAll(/<td data-label="Line"><div class="cell">(\d+)</g)].map(([, line = '']) => line));
    path = /id="more"[^>]*href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
    pages += 1;
  }
  expect([pages, lines.length, new Set(lines).size]).toEqual([2, 61, 61]);
  expect(lines).toEqual(lines.toSorted((a, b) => Number(a) - Number(b)));
  expect((await operator.get(`${dayPath(DIFFERS)}/lines?class=matched&cursor=x`)).status).toBe(400);
  expect((await operator.get(`${dayPath(DIFFERS)}/lines?class=x`)).status).toBe(400);
});

it('a line of a system that the merchant declared is expected: it has its name, and is no alarm', async () => {
  const date = day('2026-04-19');
  const [pos, other] = [payment({ at: on(date), outTradeNo: 'POS-1' }), payment({ at: on(date) })];
  const foreign = { outTradeNos: ['POS-*'], appids: [] };
  await reconcile(databaseOf(test), date, { trade: [lineOf(pos)], foreign });
  await finishDay(test.connection.db, { mchid: MCHID, date }, NOW);
  for (const path of [dayPath(date), `${dayPath(date)}/lines?class=foreign`]) {
    const html = await read(path);
    expect(textOf(html)).toContain('Of another system, as declared');
    expect(html).not.toMatch(/money differs|nobody here knows/);
    expect(html).toContain('<span class="money soft">+¥10.00</span>');
  }
  // Beside a line that nobody declared each has its own name.
  await reconcile(databaseOf(test), date, { trade: [lineOf(pos), lineOf(other)], foreign });
  const html = await read(`${dayPath(date)}/lines?class=foreign`);
  expect(html).toContain('<title>2026-04-19 · A number that nobody here knows');
  expect(html.match(/Payment · Of another system, as declared/g)).toHaveLength(1);
  expect(html.match(/money differs/g)).toHaveLength(1);
  expect(await (await operator.get(`${dayPath(date)}?lang=zh`)).text()).toContain('已声明的其他系统');
});

it('what a bill says is shown as text, and no more', async () => {
  const html = await read(`${dayPath(DIFFERS)}/lines?class=foreign`);
  expect(html).not.toContain('<script>alert');
  expect(html).toMatch(/<bdi class="id">&lt;script&gt;alert\(1\)&lt;\/script&gt;\u202e&quot;&amp;<\/bdi>/);
  expect(HOSTILE).toContain('\u202e');
});

it('speaks Chinese as well', async () => {
  const html = await (await operator.get(`${dayPath(DIFFERS)}?lang=zh`)).text();
  expect(html).toContain('有差异');
  expect(html).toContain('再对一次');
  expect(await (await operator.get(`${ROOT}?month=2026-05&lang=zh`)).text()).toContain('7 条未了结');
});
