import { beforeEach, describe, expect, it } from 'vitest';
import { drizzle } from 'drizzle-orm/postgres-js';
import { daysAfter, type BillDate } from '../../../src/reconciliation/rules/day.js';
import type { DayAnswer } from '../../../src/reconciliation/rules/view.js';
import { finishDay, loadDays, openDay, setWaiting } from '../../../src/reconciliation/store/day.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { json, MCHID, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';
import { book, booked, bookRefund, D, fundsOf, lineOf, payment, reconcile, refund, refundLine } from '../books.js';

const test = useTestApp();
/** Noon in Beijing, two days after {@link D}. */
const NOON = new Date('2026-03-12T04:00:00Z');

let operator = '';
/** Of a test, so far from the next one's that no bill of theirs is looked into. */
let date: BillDate = D;
beforeEach(async () => {
  test.clock.now = NOON;
  operator = (await test.operatorKey()).key;
  date = daysAfter(date, -100);
});

const books = () => ({ connection: test.connection, db: test.connection.db });
const get = (path: string, key = test.merchantKey) => test.send('GET', `/v1/reconciliations${path}`, { key });
const run = (body: unknown, key = operator, query = '') =>
  test.send('POST', `/v1/reconciliations${query}`, { key, body });
const rows = () => test.connection.sql`select mchid, date, run from reconciliations order by mchid, date`;
const begun = (day: BillDate) =>
  openDay(test.connection.db, { mchid: MCHID, date: day, askedBy: null, now: test.clock.now });

describe('a day', () => {
  it('has its bills, both sides by class, the fees, and how much is open', async () => {
    const at = { at: new Date(`${date}T12:00:00+08:00`) };
    const [one, other] = [await booked(books(), at), await booked(books(), { ...at, fen: 2_500 })];
    const back = await bookRefund(books(), refund(one));
    const trade = [lineOf(one), lineOf(other, { totalFen: 2_400 }), refundLine(back), lineOf(payment(at))];
    await reconcile(books(), date, { trade, funds: [one, other].flatMap((it) => fundsOf(it)) });
    await finishDay(test.connection.db, { mchid: MCHID, date }, NOON);

    const answer = await get(`/${date}`);
    expect(answer.status).toBe(200);
    const day = await json<DayAnswer>(answer);
    const bill = {
      distrust: null,
      distrustWhy: null,
      sha1: textWith(/^[0-9a-f]{40}$/),
      fetchedAt: textWith(/^2026-06-01T/),
    };
    expect(day).toEqual({
      ...{ date, mchid: MCHID, state: 'differs', run: 1, failure: null },
      ...{ waitsFor: null, waitingSince: null, stalledSince: null, nextAt: null },
      ...{ startedAt: '2026-06-01T04:00:00.000Z', finishedAt: NOON.toISOString() },
      bills: [
        { kind: 'trade', state: 'imported', lines: 4, ...bill },
        { kind: 'fundflow', state: 'imported', lines: 4, ...bill },
      ],
      classes: [
        { class: 'amount', subject: 'payment', isDiscrepancy: true, count: 1, billFen: 2_400, ownFen: 2_500 },
        { class: 'foreign', subject: 'payment', isDiscrepancy: true, count: 1, billFen: 1_000, ownFen: 0 },
        { class: 'matched', subject: 'payment', isDiscrepancy: false, count: 1, billFen: 1_000, ownFen: 1_000 },
        { class: 'matched', subject: 'refund', isDiscrepancy: false, count: 1, billFen: 300, ownFen: 300 },
      ],
      feesFen: 27,
      openDiscrepancies: 2,
      explain: {
        ...{ waitingFor: 'operator', actor: 'operator', since: NOON.toISOString(), nextAt: null },
        ...{ nextStep: textWith(/operator/), text: { zh: textWith(/2 笔差异/), en: textWith(/2 discrepancies/) } },
        commands: [
          `paysaga discrepancies --mchid ${MCHID} --status open`,
          `paysaga reconcile ${date} --mchid ${MCHID}`,
        ],
      },
    });
    expect(await json(await get(`?from=${date}&to=${date}`, operator))).toEqual({ items: [day] });
  });

  it('that no run was begun for is not found, and another merchant has none', async () => {
    await begun(date);
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    for (const answer of [await get(`/${daysAfter(date, 1)}`), await get(`/${date}`, key)])
      expect([answer.status, await problemCode(answer)]).toEqual([404, 'reconciliation_not_found']);
  });

  it.each(['yesterday', '2026-02-30', '2026-3-1', '2026-03-01T00:00:00Z', '20260301'])(
    'of %s is no day',
    async (text) => {
      const answer = await get(`/${text}`);
      expect([answer.status, await problemCode(answer)]).toEqual([400, 'invalid_request']);
    },
  );
});

describe('a list of days', () => {
  const dates = async (query: string) =>
    (await json<{ items: DayAnswer[] }>(await get(query))).items.map((day) => day.date);

  it('has those of the span, the latest first', async () => {
    for (const days of [0, 2, 1, 5]) await begun(daysAfter(date, days));
    const listed = [2, 1, 0].map((days) => daysAfter(date, days));
    expect(await dates(`?from=${date}&to=${daysAfter(date, 4)}`)).toEqual(listed);
    expect(await dates(`?from=${date}&to=${date}`)).toEqual([date]);
    const { key } = await test.newKey('operator', [MCHID, OTHER_MCHID], 'Li Lei');
    const foreign = await get(`?from=${date}&to=${date}&mchid=${OTHER_MCHID}`, key);
    expect(await json(foreign)).toEqual({ items: [] });
  });

  it('is of the last 31 days unless told', async () => {
    test.clock.now = new Date(`${date}T04:00:00Z`);
    for (const days of [0, -30, -31]) await begun(daysAfter(date, days));
    expect(await dates('')).toEqual([date, daysAfter(date, -30)]);
  });

  it.each([
    ['from', 'from=2026-02-30'],
    ['from', 'from=x&to=2026-03-01'],
    ['to', 'to=2026-03-1'],
    ['to', 'from=2026-03-02&to=2026-03-01'],
    ['to', 'from=2026-01-01&to=2026-04-03'],
    ['from', 'from=0000-01-01&to=2026-03-01'],
    ['from', `from=${'9'.repeat(50)}`],
    ['Unrecognized', 'state=differs'],
  ])('is refused for its %s: %s', async (field, query) => {
    const answer = await get(`?${query}`);
    const detail = textWith(new RegExp(`^(query ${field}: |${field})`));
    expect([answer.status, await json(answer)]).toMatchObject([400, { code: 'invalid_request', detail }]);
  });

  it('is as many statements for 92 days as for one', async () => {
    const sent: string[] = [];
    const db = drizzle(test.connection.sql, { logger: { logQuery: (query) => void sent.push(query) } });
    const counted = async (days: number) => {
      sent.length = 0;
      const found = await loadDays(db, { mchid: MCHID, from: daysAfter(date, 1 - days), to: date });
      return [found.length, sent.length];
    };
    for (let days = 0; days < 92; days += 1) await begun(daysAfter(date, -days));
    expect([await counted(1), await counted(92)]).toEqual([
      [1, 4],
      [92, 4],
    ]);
  });
});

it('a day whose run is under way is waiting, whatever was matched of it, and in the list too', async () => {
  await reconcile(books(), date, { trade: [lineOf(payment({ at: new Date(`${date}T04:00:00Z`) }))] });
  const shown = { state: 'waiting', failure: null, finishedAt: null, explain: { waitingFor: 'run' } };
  expect(await json(await get(`/${date}`))).toMatchObject({ ...shown, openDiscrepancies: 1 });
  expect(await json(await get(`?from=${date}&to=${date}`))).toMatchObject({ items: [shown] });
  await finishDay(test.connection.db, { mchid: MCHID, date }, NOON);
  expect(await json(await get(`/${date}`))).toMatchObject({ state: 'differs' });
});

describe('to run a day', () => {
  const nowIsSoonAfter = () => {
    test.clock.now = new Date(`${daysAfter(date, 2)}T04:00:00Z`);
  };

  it('begins a run, and joins it while it is under way', async () => {
    nowIsSoonAfter();
    const first = await run({ date });
    expect(first.status).toBe(202);
    const day = await json(first);
    expect(day).toMatchObject({ date, state: 'waiting', run: 1, finishedAt: null, bills: [], openDiscrepancies: 0 });
    const again = await run({ date });
    expect([again.status, await json(again)]).toEqual([200, day]);
    const calls = [test.reconciliations.callsOf('wake'), test.reconciliations.callsOf('start')];
    expect(calls).toMatchObject([[{ mchid: MCHID, date }], [{ mchid: MCHID, date }]]);

    await reconcile(books(), date, { trade: 'none', funds: 'none' });
    await finishDay(test.connection.db, { mchid: MCHID, date }, NOON);
    const next = await run({ date });
    expect([next.status, await json(next)]).toMatchObject([202, { run: 2, state: 'waiting', finishedAt: null }]);
    const [asked] = await test.connection.sql`select asked_by from reconciliations where date = ${date}`;
    expect(asked?.['asked_by']).toMatch(/^Li Lei \(/);
  });

  it('wakes a run that sleeps, and leaves one that works alone', async () => {
    nowIsSoonAfter();
    await run({ date });
    const { now } = test.clock;
    for (const [nextAt, woken] of [
      [new Date(now.getTime() + 60_000), 2],
      [now, 2],
    ] as const) {
      await setWaiting(test.connection.db, { mchid: MCHID, date }, { waitsFor: 'trade_bill', nextAt, now });
      expect((await run({ date })).status).toBe(200);
      expect(test.reconciliations.callsOf('wake')).toHaveLength(woken);
    }
  });

  it('is taken while Temporal is away: the sweeper starts it', async () => {
    nowIsSoonAfter();
    test.reconciliations.answers.wake = () => Promise.reject(new TemporalUnavailable());
    expect((await run({ date })).status).toBe(202);
    expect((await json<DayAnswer>(await get(`/${date}`))).state).toBe('waiting');
  });

  it('is for operators', async () => {
    const before = await rows();
    const answer = await run({ date }, test.merchantKey);
    expect([answer.status, await problemCode(answer)]).toEqual([403, 'forbidden']);
    expect([await rows(), test.reconciliations.calls]).toEqual([before, []]);
  });

  it.each<[string, number, unknown, string?]>([
    ['date_in_future', 422, { date: '2026-03-13' }],
    ['date_in_future', 422, { date: '9999-12-31' }],
    ['bill_not_ready', 422, { date: '2026-03-12' }],
    ['bill_not_ready', 422, { date: '2026-03-11' }, '2026-03-12T02:04:59.999Z'],
    ['date_too_old', 422, { date: '2025-12-11' }],
    ['date_too_old', 422, { date: '2000-01-01' }],
    ['invalid_request', 400, { date: '2026-02-30' }],
    ['invalid_request', 400, { date: 'yesterday' }],
    ['invalid_request', 400, { date: '2026-03-10T00:00:00+08:00' }],
    ['invalid_request', 400, { date: '' }],
    ['invalid_request', 400, { date: 20260310 }],
    ['invalid_request', 400, { date: null }],
    ['invalid_request', 400, {}],
    ['invalid_request', 400, { date: '2026-03-10', force: true }],
    ['invalid_request', 400, '['],
  ])('%s (%i) for %j changes nothing', async (code, status, body, now) => {
    if (now !== undefined) test.clock.now = new Date(now);
    const before = await rows();
    const answer = await run(body);
    expect([answer.status, await problemCode(answer)]).toEqual([status, code]);
    expect([await rows(), test.reconciliations.calls]).toEqual([before, []]);
  });

  it('takes the first and the last of the 90 days', async () => {
    for (const it of ['2025-12-12', '2026-03-11']) expect((await run({ date: it })).status).toBe(202);
  });

  it('of a merchant that is not configured here, or that the key does not act for, is refused', async () => {
    const { key } = await test.newKey('operator', [MCHID, OTHER_MCHID], 'Li Lei');
    test.merchants.delete(OTHER_MCHID);
    nowIsSoonAfter();
    const before = await rows();
    const told = await Promise.all(
      [`?mchid=${OTHER_MCHID}`, '?mchid=1900000003', ''].map(async (query) => {
        const answer = await run({ date }, key, query);
        return [answer.status, await problemCode(answer)];
      }),
    );
    expect(told).toEqual([
      [400, 'invalid_request'],
      [403, 'forbidden'],
      [400, 'invalid_request'],
    ]);
    expect([await rows(), test.reconciliations.calls]).toEqual([before, []]);
  });
});

it('a day that is reconciled says what our statement says of it', async () => {
  const it = await book(books(), payment({ at: new Date(`${date}T12:00:00+08:00`) }));
  await reconcile(books(), date, { trade: [lineOf(it)] });
  expect(await json(await get(`/${date}`))).toMatchObject({ feesFen: 6, classes: [{ ownFen: 1_000 }] });
});
