import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { explainDay } from '../../src/reconciliation/rules/explain.js';
import { day as billDate } from '../reconciliation/books.js';
import { mchid } from '../db/fixtures.js';
import { MCHID } from './support/answers.js';
import { problem, startFakeApi, type FakeAnswer, type FakeApi } from './support/fake-api.js';
import { at, NOW, run } from './support/run.js';

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.asked.length = 0;
});

const DATE = '2026-02-28';

function aDay(change: Readonly<Record<string, unknown>> = {}) {
  const facts = { mchid: mchid(MCHID), date: billDate(DATE), failure: null, startedAt: NOW, open: [], bills: [] };
  const waiting = {
    state: 'waiting',
    waitsFor: 'trade_bill',
    waitingSince: NOW,
    stalledSince: null,
    nextAt: NOW,
    finishedAt: null,
  } as const;
  const { nextStepZh, ...explain } = explainDay({ ...facts, ...waiting }, NOW);
  return {
    ...{ date: DATE, mchid: MCHID, state: 'waiting', run: 2, failure: null, waitsFor: 'trade_bill' },
    ...{ waitingSince: NOW.toISOString(), nextAt: NOW.toISOString(), startedAt: NOW.toISOString(), finishedAt: null },
    bills: [
      { kind: 'trade', state: 'waiting', distrust: null, distrustWhy: null, sha1: null, lines: 0, fetchedAt: null },
    ],
    ...{ classes: [], feesFen: null, openDiscrepancies: 0, explain },
    ...change,
  };
}

const isOver = (state: string) =>
  aDay({
    ...{ state, waitsFor: null, waitingSince: null, nextAt: null, finishedAt: '2026-03-01T10:05:00.000Z' },
    bills: [
      {
        kind: 'trade',
        state: 'imported',
        distrust: null,
        distrustWhy: null,
        sha1: 'ab'.repeat(20),
        lines: 3,
        fetchedAt: '2026-03-01T10:01:00.000Z',
      },
    ],
    classes: [
      { class: 'amount', subject: 'payment', isDiscrepancy: true, count: 1, billFen: 2_400, ownFen: 2_500 },
      { class: 'matched', subject: 'payment', isDiscrepancy: false, count: 2, billFen: 2_000, ownFen: 2_000 },
      { class: 'foreign', subject: 'payment', isDiscrepancy: false, count: 1, billFen: 900, ownFen: 0 },
      { class: 'refund_not_here', subject: 'refund', isDiscrepancy: true, count: 1, billFen: 300, ownFen: 0 },
    ],
    ...{ feesFen: 27, openDiscrepancies: 1 },
  });

const ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';
const numbers = {
  orderNo: 'A-1001',
  outTradeNo: 'A-1001',
  transactionId: '42000000000000000001',
  refundNo: null,
  refundId: null,
};
const sides = { lineNo: 2, billFen: 2_400, ownFen: 2_500 };
const aLine = {
  class: 'amount',
  subject: 'payment',
  isDiscrepancy: true,
  at: '2026-02-28T02:00:00.000Z',
  ...numbers,
  ...sides,
};
const aDiscrepancy = (change: Readonly<Record<string, unknown>> = {}) => ({
  ...{ id: ID, mchid: MCHID, date: DATE, class: 'amount', subject: 'payment', status: 'open', bill: 'trade' },
  ...{ ...numbers, ...sides, differences: {}, openedAt: '2026-03-01T08:00:00.000Z', closedAt: null, repairedBy: null },
  ...{ closedBy: null, reason: null, recheckedBy: null, recheckReason: null, recheckedAt: null },
  ...change,
});

const cells = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe('paysaga reconcile', () => {
  it('begins a run of yesterday in Beijing, shows the day, and stays no longer', async () => {
    api.answer = () => ({ status: 202, body: aDay() });
    const { code, out, err } = await run(['reconcile', '--mchid', MCHID], at(api.url));
    expect([code, err.split('\n')]).toEqual([
      0,
      [
        `${DATE}: a run was begun`,
        `It goes on without this command; look again with: paysaga reconciliations show ${DATE} --mchid ${MCHID}`,
        '',
      ],
    ]);
    expect(api.asked).toMatchObject([
      { method: 'POST', path: '/v1/reconciliations', query: { mchid: MCHID }, body: { date: DATE } },
    ]);
    expect(out).toMatch(/state +waiting\n +that is +Waits for WeChat Pay to make the trade bill/);
  });

  it('--wait says what the day waits for, until it is over', async () => {
    const answers: (FakeAnswer | 'hangUp')[] = [
      { body: aDay() },
      'hangUp',
      { body: aDay() },
      { body: isOver('balanced') },
    ];
    api.answer = ({ method }) => (method === 'POST' ? { status: 200, body: aDay() } : answers.shift());
    const { code, out, err } = await run(['reconcile', DATE, '--wait'], at(api.url));
    expect([code, answers]).toEqual([0, []]);
    expect(err.split('\n')).toEqual([`${DATE}: a run is under way already, and is joined`, aDay().explain.text.en, '']);
    expect(cells(out)).toEqual([
      ['bill', 'state', 'lines', 'last received', 'SHA-1'],
      ['trade', 'imported', '3', '2026-03-01 18:01:00+08', 'ab'.repeat(20)],
      ['class', 'of', 'count', 'bill says', 'we say', 'discrepancy'],
      ['amount', 'payment', '1', '¥24.00', '¥25.00', 'yes'],
      ['matched', 'payment', '2', '¥20.00', '¥20.00', ''],
      ['foreign, declared', 'payment', '1', '¥9.00', '¥0.00', ''],
      ['refund_not_here', 'refund', '1', '-¥3.00', '¥0.00', 'yes'],
    ]);
  });

  it.each([
    ['balanced', 0],
    ['empty', 0],
    ['differs', 1],
    ['failed', 1],
  ])('--wait of a day that is %s ends with %i', async (state, expected) => {
    api.answer = () => ({ body: isOver(state) });
    const { code, out, err } = await run(['reconcile', DATE, '--wait', '--json'], at(api.url));
    expect([code, JSON.parse(out)]).toEqual([expected, isOver(state)]);
    expect(err.includes(`paysaga: ${DATE}: ${state}`)).toBe(expected === 1);
  });

  it('--wait gives up on an ingress that stays away', async () => {
    api.answer = ({ method }) => (method === 'POST' ? { status: 202, body: aDay() } : 'hangUp');
    const { code, err } = await run(['reconcile', DATE, '--wait'], at(api.url));
    expect([code, err]).toEqual([3, expect.stringContaining('the run goes on')]);
  });

  it('is refused with the code of the API', async () => {
    api.answer = () => problem(422, 'date_too_old', 'WeChat Pay keeps bills for 90 days.');
    const { code, out, err } = await run(['reconcile', '2025-01-01'], at(api.url));
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('date_too_old: WeChat Pay keeps bills for 90 days.');
  });
});

describe('paysaga reconciliations', () => {
  it('lists days', async () => {
    api.answer = () => ({ body: { items: [isOver('differs'), aDay({ state: 'failed', failure: 'bill_refused' })] } });
    const span = ['--from', '2026-02-01', '--to', DATE];
    const { code, out } = await run(['reconciliations', ...span], at(api.url));
    expect([code, cells(out)]).toEqual([
      0,
      [
        ['day', 'state', 'lines', 'fees', 'open', 'ended'],
        [DATE, 'differs', '3', '¥0.27', '1', '2026-03-01 18:05:00+08'],
        [DATE, 'failed (bill_refused)', '0', '', '0', ''],
      ],
    ]);
    expect(api.asked).toMatchObject([{ path: '/v1/reconciliations', query: { from: '2026-02-01', to: DATE } }]);
  });

  it('shows one, with what helps', async () => {
    api.answer = () => ({ body: aDay() });
    const { out } = await run(['reconciliations', 'show', DATE], at(api.url));
    expect(out).toContain(`$ paysaga reconcile ${DATE} --mchid ${MCHID}`);
    expect(out).toMatch(/next at {2,}2026-03-01 \d\d:00:00\+08\n/);
    expect(out).toMatch(/run {2,}2, since 2026-03-01 \d\d:00:00\+08\n/);
    expect(api.asked.map(({ path }) => path)).toEqual([`/v1/reconciliations/${DATE}`]);
  });

  it('lists its lines by class, or writes all pages of them into a file', async () => {
    const pages = [
      { items: [aLine], nextCursor: 'next' },
      { items: [{ ...aLine, lineNo: null, billFen: null, outTradeNo: '=1+1' }], nextCursor: null },
    ];
    api.answer = ({ query }) => ({ body: query['cursor'] === undefined ? pages[0] : pages[1] });
    const table = await run(['reconciliations', 'lines', DATE, '--class', 'amount', '--limit', '1'], at(api.url));
    expect(cells(table.out)[0]).toContain('at');
    expect(cells(table.out)[1]).toEqual([
      ...['amount', '2', '2026-02-28 10:00:00+08', 'A-1001', 'A-1001', '42000000000000000001', '¥24.00', '¥25.00'],
    ]);
    expect(table.out).toContain('1; there are more');
    expect(api.asked).toMatchObject([{ query: { class: 'amount', limit: '1' } }]);
    const file = await run(['reconciliations', 'lines', DATE, '--csv'], at(api.url));
    expect([file.code, file.out.split('\r\n')]).toEqual([
      0,
      [
        '\ufeffclass,subject,lineNo,beijingTime,orderNo,outTradeNo,transactionId,refundNo,refundId,billYuan,ownYuan,isDiscrepancy',
        "amount,payment,2,2026-02-28 10:00:00,A-1001,A-1001,'42000000000000000001,,,24.00,25.00,true",
        "amount,payment,,2026-02-28 10:00:00,A-1001,'=1+1,'42000000000000000001,,,,25.00,true",
        '',
      ],
    ]);
  });
});

describe('paysaga discrepancies', () => {
  it('lists them with their age, who said what, and why', async () => {
    const decided = {
      status: 'accepted',
      closedBy: 'Li Lei (1)',
      reason: 'seen',
      closedAt: '2026-03-01T09:00:00.000Z',
    };
    api.answer = () => ({ body: { items: [aDiscrepancy(), aDiscrepancy(decided)], nextCursor: null } });
    const { code, out } = await run(['discrepancies', '--mchid', MCHID, '--status', 'open'], at(api.url));
    expect([code, cells(out)]).toEqual([
      0,
      [
        ['id', 'day', 'class', 'status', 'age', 'order', 'number', 'bill says', 'we say', 'by', 'why'],
        [ID, DATE, 'amount', 'open', '2h', 'A-1001', 'A-1001', '¥24.00', '¥25.00', '', ''],
        [ID, DATE, 'amount', 'accepted', '2h', 'A-1001', 'A-1001', '¥24.00', '¥25.00', 'Li Lei (1)', 'seen'],
      ],
    ]);
    expect(api.asked).toMatchObject([{ path: '/v1/discrepancies', query: { status: 'open', limit: '50' } }]);
    const json = await run(['discrepancies', '--class', 'amount', '--from', DATE, '--to', DATE, '--json'], at(api.url));
    expect(JSON.parse(json.out)).toEqual({ items: [aDiscrepancy(), aDiscrepancy(decided)], nextCursor: null });
    expect(api.asked[1]).toMatchObject({ query: { class: 'amount', from: DATE, to: DATE } });
  });

  it('are none', async () => {
    api.answer = () => ({ body: { items: [], nextCursor: null } });
    expect((await run(['discrepancies'], at(api.url))).out).toBe('There are none.\n');
    const { out } = await run(['discrepancies', '--csv'], at(api.url));
    expect(out).toMatch(/^\ufeffid,date,class,[^\n]*\r\n$/);
  });

  it.each([
    ['accept', 'accepted, it stays as it is'],
    ['resolve', 'resolved, it was put right elsewhere'],
    ['recheck', 'its day runs again'],
    ['recheck', 'WeChat Pay is asked, and its day runs again', 'paid_not_here'],
  ])('resolve %s says what became of it: %s', async (action, said, name = 'amount') => {
    api.answer = () => ({ body: aDiscrepancy({ class: name }) });
    const asked = ['discrepancies', 'resolve', ID, action, '--reason', 'seen with finance'];
    const { code, out } = await run(asked, at(api.url));
    expect([code, out.split('\n')[0]]).toEqual([0, `${ID}: ${said}`]);
    expect(api.asked).toMatchObject([
      { path: `/v1/discrepancies/${ID}/resolve`, body: { action, reason: 'seen with finance' } },
    ]);
  });
});

it.each([
  ['reconcile yesterday'],
  ['reconcile 2026-02-30'],
  [`reconcile ${DATE} ${DATE}`],
  ['reconciliations --from x'],
  ['reconciliations show'],
  ['reconciliations show 2026-2-1'],
  [`reconciliations lines ${DATE} --class none`],
  [`reconciliations lines ${DATE} --csv --json`],
  [`reconciliations lines ${DATE} --csv --limit 5`],
  ['discrepancies --status shut'],
  ['discrepancies --class matched'],
  ['discrepancies --to 2026'],
  [`discrepancies resolve ${ID} accept`],
  [`discrepancies resolve ${ID} accepted --reason x`],
  ['discrepancies resolve 1 accept --reason x'],
])('refuses %s without asking anybody', async (line) => {
  const { code, out } = await run(line.split(' '), at(api.url));
  expect([code, out, api.asked]).toEqual([2, '', []]);
});
