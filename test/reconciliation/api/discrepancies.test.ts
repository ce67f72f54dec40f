import { beforeEach, describe, expect, it } from 'vitest';
import { daysAfter, startOf, type BillDate } from '../../../src/reconciliation/rules/day.js';
import type { DiscrepancyAnswer } from '../../../src/reconciliation/rules/view.js';
import { finishDay } from '../../../src/reconciliation/store/day.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { json, MCHID, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';
import { book, booked, D, dayOf, lineOf, on, payment, reconcile, refund, refundLine, type Payment } from '../books.js';

const test = useTestApp();
const books = () => ({ connection: test.connection, db: test.connection.db });

let operator = '';
/** Of a test, so far from the next one's that no bill of theirs is looked into. */
let date: BillDate = D;
let unpaid: Payment;
let paid: Payment;
beforeEach(async () => {
  date = daysAfter(date, -100);
  test.clock.now = new Date(startOf(date).getTime() + 3 * 86_400_000);
  operator = (await test.operatorKey()).key;
});

const get = (path: string, key = test.merchantKey, headers: Record<string, string> = {}) =>
  test.send('GET', `/v1/discrepancies${path}`, { key, headers });
const decide = (id: string, body: unknown, key = operator, query = '') =>
  test.send('POST', `/v1/discrepancies/${id}/resolve${query}`, { key, body });
const SEEN = { action: 'accept', reason: 'seen with finance' };

/** A day whose run has ended: an amount that differs, a payment that is not here, a number that nobody knows. */
async function differingDay(): Promise<void> {
  [paid, unpaid] = [await booked(books(), { at: on(date) }), await book(books(), payment({ at: on(date) }), false)];
  const unknown = payment({ at: on(date), outTradeNo: '+unknown' });
  await reconcile(books(), date, { trade: [lineOf(paid, { totalFen: 1 }), lineOf(unpaid), lineOf(unknown)] });
  await finishDay(test.connection.db, { mchid: MCHID, date }, test.clock.now);
}

type Page = { items: DiscrepancyAnswer[]; nextCursor: string | null };
const listed = async (query = ''): Promise<DiscrepancyAnswer[]> =>
  (await json<Page>(await get(`?from=${date}&to=${date}${query}`))).items;

async function idOf(name: string): Promise<string> {
  const found = (await listed()).find((it) => it.class === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found.id;
}

/** All that a decision could change. */
const standing = async () => [
  await listed(),
  await dayOf(books(), date),
  test.orders.calls,
  test.reconciliations.calls,
];

describe('a discrepancy', () => {
  it('says what each side says, and whose it is', async () => {
    await differingDay();
    const id = await idOf('amount');
    const { outTradeNo, transactionId } = paid;
    const found = await json(await get(`/${id}`));
    expect(found).toEqual({
      ...{ id, mchid: MCHID, date, class: 'amount', subject: 'payment', status: 'open', bill: 'trade', lineNo: 2 },
      ...{ orderNo: outTradeNo, outTradeNo, transactionId, refundNo: null, refundId: null },
      ...{ billFen: 1, ownFen: 1_000, differences: {}, openedAt: '2026-06-01T04:00:00.000Z' },
      ...{ closedAt: null, repairedBy: null, closedBy: null, reason: null },
      ...{ recheckedBy: null, recheckReason: null, recheckedAt: null },
    });
    expect(await listed('&class=amount&status=open')).toEqual([found]);
  });

  it('of another merchant, or of nobody, is not found', async () => {
    await differingDay();
    const id = await idOf('amount');
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    const { key: other } = await test.newKey('operator', [OTHER_MCHID], 'Han Meimei');
    const nobodys = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';
    const answers = [await get(`/${id}`, key), await decide(id, SEEN, other), await decide(nobodys, SEEN)];
    for (const answer of [...answers, await get('/no-uuid')])
      expect([answer.status, await problemCode(answer)]).toEqual([404, 'discrepancy_not_found']);
    expect((await listed()).map(({ status }) => status)).toEqual(['open', 'open', 'open']);
  });
});

describe('a list of discrepancies', () => {
  it('goes by status, class and day, page by page', async () => {
    await differingDay();
    await decide(await idOf('foreign'), SEEN);
    expect((await listed('&status=accepted')).map((it) => it.class)).toEqual(['foreign']);
    expect((await listed('&class=paid_not_here')).map((it) => it.outTradeNo)).toEqual([unpaid.outTradeNo]);
    const before = daysAfter(date, -1);
    expect((await json<Page>(await get(`?from=${before}&to=${before}`))).items).toEqual([]);
    const first = await json<Page>(await get(`?from=${date}&to=${date}&limit=2`));
    const rest = await json<Page>(await get(`?from=${date}&to=${date}&limit=2&cursor=${first.nextCursor ?? ''}`));
    expect([...first.items, ...rest.items]).toEqual(await listed());
    expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([2, 1, null]);
  });

  it('is a file where that is preferred', async () => {
    await differingDay();
    await decide(await idOf('amount'), { ...SEEN, reason: '=HYPERLINK("x")' });
    const answer = await get(`?from=${date}&to=${date}&limit=1`, test.merchantKey, { accept: 'text/csv' });
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="discrepancies-${MCHID}.csv"`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const lines = bytes.subarray(3).toString().split('\r\n');
    expect([...bytes.subarray(0, 3), lines.length]).toEqual([0xef, 0xbb, 0xbf, 5]);
    expect(lines[0]).toMatch(/^id,date,class,subject,status,bill,lineNo,orderNo,outTradeNo,.*,billYuan,ownYuan,/);
    const text = lines.join('\n');
    expect(text).toContain(`,${date},foreign,payment,open,trade,4,,'+unknown,`);
    expect(text).toContain(`,0.01,10.00,{},2026-06-01 12:00:00,`);
    expect(text).toContain(`"'=HYPERLINK(""x"")"`);
  });

  it.each([
    '?status=shut',
    '?class=matched',
    '?from=2026-02-30',
    '?to=x',
    '?from=2026-03-02&to=2026-03-01',
    '?cursor=x',
  ])('is refused for %s', async (query) => {
    for (const headers of [{}, { accept: 'text/csv' }]) {
      const answer = await get(query, test.merchantKey, headers);
      expect([answer.status, await problemCode(answer)]).toEqual([400, 'invalid_request']);
    }
  });
});

describe('to decide', () => {
  it.each([
    ['accept', 'accepted'],
    ['resolve', 'resolved'],
  ])('%s: it is %s, by whom and why, once and for all', async (action, status) => {
    await differingDay();
    const id = await idOf('amount');
    const answer = await decide(id, { action, reason: 'seen with finance' });
    expect(answer.status).toBe(200);
    const closedBy = textWith(/^Li Lei \(/);
    const said = { id, status, closedBy, reason: 'seen with finance', closedAt: test.clock.now.toISOString() };
    expect(await json(answer)).toMatchObject({ ...said, recheckedBy: null });
    const before = await standing();
    for (const again of ['accept', 'recheck', 'resolve']) {
      const refused = await decide(id, { action: again, reason: 'again' });
      expect([refused.status, await problemCode(refused)]).toEqual([409, 'discrepancy_not_open']);
    }
    expect(await standing()).toEqual(before);
    expect(await json(await get(`/${id}`))).toMatchObject(said);
  });

  it('about the last open one makes the day balanced', async () => {
    await differingDay();
    for (const { id } of await listed()) {
      expect((await dayOf(books(), date)).state).toBe('differs');
      await decide(id, SEEN);
    }
    expect(await dayOf(books(), date)).toMatchObject({ state: 'balanced', open: [] });
  });

  it('two at once: one decides', async () => {
    await differingDay();
    const id = await idOf('amount');
    const answers = await Promise.all([decide(id, SEEN), decide(id, { ...SEEN, action: 'resolve' })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('is for operators, and needs an action and a reason', async () => {
    await differingDay();
    const id = await idOf('amount');
    const before = await standing();
    const forbidden = await decide(id, SEEN, test.merchantKey);
    expect([forbidden.status, await problemCode(forbidden)]).toEqual([403, 'forbidden']);
    for (const body of [
      {},
      { action: 'accept' },
      { reason: 'x' },
      { ...SEEN, action: 'accepted' },
      { ...SEEN, reason: '' },
      { ...SEEN, reason: ' ' },
      { ...SEEN, reason: 'a\u0000b' },
      { ...SEEN, reason: '茶'.repeat(167) },
      { ...SEEN, reason: 1 },
      { ...SEEN, amountFen: 1 },
      'x',
    ]) {
      const answer = await decide(id, body);
      expect([body, answer.status, await problemCode(answer)]).toEqual([body, 400, 'invalid_request']);
    }
    expect(await standing()).toEqual(before);
  });
});

describe('to have it looked at again', () => {
  const recheck = (id: string, reason = 'the payer says so') => decide(id, { action: 'recheck', reason });

  it('asks the order with what the bill says, notes who and why, and runs the day again', async () => {
    await differingDay();
    const id = await idOf('paid_not_here');
    const answer = await recheck(id);
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({
      ...{ id, status: 'open', closedBy: null, reason: null, recheckedBy: textWith(/^Li Lei \(/) },
      ...{ recheckReason: 'the payer says so', recheckedAt: test.clock.now.toISOString() },
    });
    const { outTradeNo, transactionId } = unpaid;
    expect(test.orders.callsOf('deliverEvidence')).toMatchObject([
      { mchid: MCHID, orderNo: outTradeNo, evidence: { source: 'bill', outTradeNo, transactionId, totalFen: 1_000 } },
    ]);
    const askedBy = textWith(/^Li Lei \(/);
    expect(await dayOf(books(), date)).toMatchObject({ run: 2, state: 'waiting', finishedAt: null, askedBy });
    expect(test.reconciliations.callsOf('wake')).toMatchObject([{ mchid: MCHID, date }]);

    await recheck(id, 'once more');
    expect(await json(await get(`/${id}`))).toMatchObject({ status: 'open', recheckReason: 'once more' });
    expect((await dayOf(books(), date)).run).toBe(2);
  });

  it('asks about a refund by its number', async () => {
    const it = await booked(books(), { at: on(date) });
    const back = refund(it, { at: on(date) });
    await reconcile(books(), date, { trade: [lineOf(it), refundLine(back)] });
    await finishDay(test.connection.db, { mchid: MCHID, date }, test.clock.now);
    expect((await recheck(await idOf('refund_not_here'))).status).toBe(200);
    expect(test.refunds.callsOf('findExternal')).toEqual([
      { mchid: MCHID, orderNo: it.outTradeNo, outRefundNo: back.outRefundNo },
    ]);
  });

  it('asks nobody about a refund whose number WeChat Pay would not take, and runs the day again', async () => {
    const it = await booked(books(), { at: on(date) });
    await reconcile(books(), date, {
      trade: [lineOf(it), refundLine(refund(it, { at: on(date), outRefundNo: 'refund#77' }))],
    });
    await finishDay(test.connection.db, { mchid: MCHID, date }, test.clock.now);
    expect((await recheck(await idOf('refund_not_here'))).status).toBe(200);
    expect([test.orders.calls, test.refunds.calls]).toEqual([[], []]);
    expect(await dayOf(books(), date)).toMatchObject({ run: 2, state: 'waiting' });
  });

  it.each(['amount', 'foreign'])('of class %s asks nobody, and runs the day again', async (name) => {
    await differingDay();
    expect((await recheck(await idOf(name))).status).toBe(200);
    expect([test.orders.calls, test.refunds.calls]).toEqual([[], []]);
    expect(await dayOf(books(), date)).toMatchObject({ run: 2, state: 'waiting' });
  });

  it('is taken while Temporal is away: the run asks by itself', async () => {
    await differingDay();
    const away = () => Promise.reject(new TemporalUnavailable());
    test.orders.answers.deliverEvidence = away;
    test.reconciliations.answers.wake = away;
    expect((await recheck(await idOf('paid_not_here'))).status).toBe(200);
    expect(await dayOf(books(), date)).toMatchObject({ run: 2, state: 'waiting' });
  });

  it('is refused, before anything happened, for a day that no bill is kept of', async () => {
    await differingDay();
    test.clock.now = new Date(startOf(date).getTime() + 91 * 86_400_000);
    const id = await idOf('paid_not_here');
    const before = await standing();
    const answer = await recheck(id);
    expect([answer.status, await problemCode(answer)]).toEqual([422, 'date_too_old']);
    expect(await standing()).toEqual(before);
    expect((await decide(id, SEEN)).status).toBe(200);
  });
});
