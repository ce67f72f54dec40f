import { beforeEach, expect, it } from 'vitest';
import { listDiscrepancies, type DiscrepancyRecord } from '../../../src/reconciliation/store/discrepancies.js';
import type { DiscrepancyClass } from '../../../src/reconciliation/rules/classes.js';
import { MCHID, OTHER_MCHID, textWith, useTestApp } from '../../http/support/test-app.js';
import { sendForm, signedIn, type Operator } from '../../ops/support/operator.js';
import { daysAfter } from '../../../src/reconciliation/rules/day.js';
import { book, booked, D, lineOf, NOW, on, payment, reconcile, refund, refundLine } from '../books.js';
import { databaseOf, DIFFERS, HOSTILE, minutesAgo } from './seed.js';

const test = useTestApp();
const ROOT = '/ops/reconciliation/discrepancies';

let operator: Operator;
beforeEach(async () => {
  test.clock.now = NOW;
  operator = await signedIn(test, (await test.operatorKey()).key);
});

const pathOf = ({ id, mchid }: DiscrepancyRecord) => `${ROOT}/${mchid}/${id}`;
const rowsOf = (html: string) => [...html.matchAll(/data-discrepancy="([^"]+)"/g)].map(([, id]) => id);
const read = async (path: string) => (await operator.get(path)).text();
const textOf = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

async function recorded(mchid = MCHID): Promise<DiscrepancyRecord[]> {
  const found = await listDiscrepancies(test.connection.db, { mchids: [mchid], limit: 1_000 });
  if (found === 'bad_cursor') throw new Error(found);
  return found.items;
}

let days = 0;

/** A day of its own with one open discrepancy of this class. */
async function differing(
  name: 'paid_not_here' | 'foreign' | 'amount' | 'fee',
  mchid = MCHID,
): Promise<DiscrepancyRecord> {
  days += 1;
  const date = on(D, days * 24 * 60)
    .toISOString()
    .slice(0, 10) as typeof D;
  const at = { at: on(date), mchid };
  const database = databaseOf(test);
  const lines = {
    paid_not_here: async () => lineOf(await book(database, payment(at), false)),
    foreign: () => Promise.resolve(lineOf(payment({ ...at, outTradeNo: `${HOSTILE}${days}` }))),
    amount: async () => lineOf(await booked(database, { ...at, fen: 2_500 }), { totalFen: 2_000, settledFen: 2_000 }),
    fee: async () => lineOf(await booked(database, at), { feeMillifen: 90_000 }),
  };
  await reconcile(database, date, { mchid, trade: [await lines[name]()] });
  const found = (await recorded(mchid)).find(
    (it) => it.date === date && it.class === (name satisfies DiscrepancyClass),
  );
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

const decided = (row: DiscrepancyRecord, action: string, change: Record<string, string> = {}) =>
  operator.post(`${pathOf(row)}?lang=en`, { action, reason: 'the bank says so', ...change });

const standing = async ({ id, mchid }: DiscrepancyRecord) => (await recorded(mchid)).find((it) => it.id === id);

it('lists what is open: of which day, what each side says, what is between them, and for how long', async () => {
  const row = await differing('amount');
  test.clock.now = minutesAgo(-150);
  const html = await read(`${ROOT}?lang=en`);
  const shown = new RegExp(`data-discrepancy="${row.id}"[^]*?</tr>`).exec(html)?.[0] ?? '';
  expect(textOf(shown)).toMatch(/Another amount was paid/);
  expect(textOf(shown)).toContain(`${row.date} · Payment`);
  expect(textOf(shown)).toMatch(/¥20\.00 ¥25\.00 -¥5\.00 2 h 30 min Open/);
  expect(shown).toContain(`href="/ops/orders/${MCHID}/${String(row.orderNo)}"`);
  expect(shown).toContain(`href="${pathOf(row)}"`);
});

it('is filtered by status, class and days, and refuses words that it does not know', async () => {
  const [fee, foreign] = [await differing('fee'), await differing('foreign')];
  await decided(fee, 'accept');
  const ids = async (query: string) => rowsOf(await read(`${ROOT}?${query}`));
  const shows = async (query: string) => {
    const found = await ids(query);
    return [fee, foreign].map(({ id }) => found.includes(id));
  };
  expect(await shows('')).toEqual([false, true]);
  expect(await shows('status=accepted')).toEqual([true, false]);
  expect(await shows('status=any')).toEqual([true, true]);
  expect(await shows('status=any&class=fee')).toEqual([true, false]);
  expect(await shows(`status=any&from=${foreign.date}`)).toEqual([false, true]);
  expect(await shows(`status=any&to=${fee.date}`)).toEqual([true, false]);
  for (const query of ['status=x', 'class=matched', 'from=2026-02-30', 'cursor=x', `mchid=${OTHER_MCHID}`])
    expect([query, (await operator.get(`${ROOT}?${query}`)).status]).toEqual([
      query,
      query.startsWith('m') ? 403 : 400,
    ]);
});

it('goes on page by page with the same choice, each once', async () => {
  const lines = Array.from({ length: 51 }, () => lineOf(payment({ at: on(DIFFERS) })));
  await reconcile(databaseOf(test), DIFFERS, { trade: lines });
  const first = await read(`${ROOT}?from=${DIFFERS}&to=${DIFFERS}&class=foreign`);
  const next = /id="more"[^>]*href="([^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await read(next);
  expect(second).not.toContain('id="more"');
  const all = [...rowsOf(first), ...rowsOf(second)];
  expect([rowsOf(first).length, rowsOf(second).length, new Set(all).size]).toEqual([50, 1, 51]);
});

it.each([
  ['accept', 'accepted'],
  ['resolve', 'resolved'],
] as const)('%s closes it with who and why, and once', async (action, status) => {
  const row = await differing('foreign');
  const answer = await decided(row, action);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${pathOf(row)}?done=${action}`]);
  expect(await standing(row)).toMatchObject({ status, reason: 'the bank says so', closedBy: textWith(/^Li Lei \(/) });
  const html = await read(`${pathOf(row)}?done=${action}&lang=en`);
  expect(html).toContain(`data-flash="${action}"`);
  expect(html).not.toContain('id="decide"');
  expect(textOf(html)).toMatch(/Decided by, and why Li Lei \([^)]*\) *: the bank says so/);
  const again = await decided(row, 'resolve', { reason: 'another reason' });
  const said = await again.text();
  expect([again.status, /data-code="(\w+)"/.exec(said)?.[1]]).toEqual([409, 'discrepancy_not_open']);
  expect(said).not.toContain('id="decide"');
  expect(await standing(row)).toMatchObject({ status, reason: 'the bank says so' });
});

it('a recheck has WeChat Pay asked and the day run again, and stays open with who asked', async () => {
  const row = await differing('paid_not_here');
  const answer = await decided(row, 'recheck');
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${pathOf(row)}?done=recheck`]);
  expect(test.orders.callsOf('deliverEvidence')).toMatchObject([{ orderNo: row.orderNo }]);
  expect(test.reconciliations.callsOf('start')).toMatchObject([{ date: row.date }]);
  expect(await standing(row)).toMatchObject({ status: 'open', recheckReason: 'the bank says so' });
  const html = await read(`${pathOf(row)}?lang=en`);
  expect(textOf(html)).toMatch(/Asked by, and why Li Lei/);
  expect(html).toContain('id="decide"');
});

it('a recheck of what no order or refund of ours is known of offers and says what it does', async () => {
  const [foreign, lost] = [await differing('foreign'), await differing('paid_not_here')];
  const hints = async (row: DiscrepancyRecord, lang: string) => textOf(await read(`${pathOf(row)}?lang=${lang}`));
  expect(await hints(foreign, 'en')).toMatch(/Run the day again .*No order or refund here could ask about it/);
  expect(await hints(foreign, 'en')).not.toMatch(/asks? WeChat Pay/i);
  expect(await hints(foreign, 'zh')).toContain('重新对这一天的账');
  expect(await hints(lost, 'en')).toMatch(/Ask WeChat Pay again Its order or refund asks WeChat Pay again/);
  await decided(foreign, 'recheck');
  expect(test.orders.callsOf('recheck')).toEqual([]);
  const done = textOf(await read(`${pathOf(foreign)}?done=recheck&lang=en`));
  expect(done).toContain('The day runs again.');
  expect(done).not.toContain('is asked again');
});

it('a refund is money that goes out', async () => {
  const date = daysAfter(D, 60);
  const paid = await booked(databaseOf(test), { at: on(date) });
  await reconcile(databaseOf(test), date, { trade: [lineOf(paid), refundLine(refund(paid))] });
  const row = (await recorded()).find((it) => it.date === date && it.class === 'refund_not_here');
  if (row === undefined) throw new Error('no refund_not_here');
  const shown = /data-class="refund_not_here"[^]*?<\/tr>/.exec(await read(`${ROOT}?lang=en&from=${date}&to=${date}`));
  expect(textOf(shown?.[0] ?? '')).toContain('-¥3.00 — -¥3.00');
  expect(textOf(await read(`${pathOf(row)}?lang=en`))).toContain('WeChat Pay -¥3.00 Here — Difference -¥3.00');
});

it('a recheck is refused where WeChat Pay keeps no bill of the day any more, and nothing changes', async () => {
  const row = await differing('paid_not_here');
  test.clock.now = minutesAgo(-60 * 24 * 90);
  operator = await signedIn(test, (await test.operatorKey()).key);
  const answer = await decided(row, 'recheck');
  const html = await answer.text();
  expect([answer.status, /data-code="(\w+)"/.exec(html)?.[1]]).toEqual([422, 'date_too_old']);
  expect(html).toContain('the bank says so</textarea>');
  expect(await standing(row)).toMatchObject({ status: 'open', recheckedBy: null });
  expect([test.orders.callsOf('deliverEvidence'), test.reconciliations.calls]).toEqual([[], []]);
});

it.each([
  [{ reason: ' ' }, 'reason_required'],
  [{ reason: 'x'.repeat(501) }, 'reason_invalid'],
  [{ reason: 'a\u202eb' }, 'reason_invalid'],
  [{ action: 'pay' }, 'action_required'],
])('%j is not done, and what was typed stays', async (change, error) => {
  const row = await differing('foreign');
  const answer = await decided(row, 'accept', change);
  const html = await answer.text();
  expect([answer.status, /data-error="(\w+)"/.exec(html)?.[1]]).toEqual([400, error]);
  if ('action' in change) expect(html).toContain('the bank says so</textarea>');
  else expect(html).toMatch(/value="accept" checked/);
  expect(await standing(row)).toMatchObject({ status: 'open' });
});

it('is not decided by another page, without a session, or for another merchant, and shown to nobody else', async () => {
  const [row, theirs] = [await differing('foreign'), await differing('foreign', OTHER_MCHID)];
  const forged = await decided(row, 'accept', { csrf: 'x' });
  const nobody = await sendForm(operator.app, pathOf(row), { action: 'accept', reason: 'x' });
  const foreign = await decided(theirs, 'accept');
  const asOurs = await decided({ ...theirs, mchid: MCHID }, 'accept');
  expect([forged.status, nobody.status, foreign.status, asOurs.status]).toEqual([403, 401, 403, 404]);
  expect([await standing(row), await standing(theirs)]).toMatchObject([{ status: 'open' }, { status: 'open' }]);
  expect((await operator.get(pathOf(theirs))).status).toBe(403);
  expect((await operator.get(`${ROOT}/${MCHID}/${theirs.id}`)).status).toBe(404);
  expect((await operator.get(`${ROOT}/${MCHID}/x`)).status).toBe(404);
  expect(rowsOf(await read(`${ROOT}?status=any`))).not.toContain(theirs.id);
});

it('shows what a bill says as text alone, on the list and on its own page', async () => {
  const row = await differing('foreign');
  for (const path of [`${ROOT}?from=${row.date}&to=${row.date}`, pathOf(row)]) {
    const html = await read(path);
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('<bdi class="id">&lt;script&gt;alert(1)');
  }
});

it('says in which fields the sides differ, a fee to its fifth place', async () => {
  const row = await differing('fee');
  const html = await read(`${pathOf(row)}?lang=en`);
  expect(textOf(html)).toMatch(/What each side says Field WeChat Pay Here fee ¥0\.90000 ¥0\.06000/);
  expect(textOf(await read(`${ROOT}?class=fee&lang=en`))).toContain('· Payment · fee');
});

it('speaks Chinese as well', async () => {
  const row = await differing('foreign');
  const html = await read(`${pathOf(row)}?lang=zh`);
  expect(html).toContain('本地没有的单号');
  expect(html).toContain('已在别处解决');
});
