import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MCHID } from './support/answers.js';
import { startFakeApi, type FakeApi } from './support/fake-api.js';
import { at, run } from './support/run.js';

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());

const NOT_BILLED = { feesFen: null, settledFen: null };
const BILLED = { feesFen: 7, settledFen: 1_193 };
const takings = (paidFen: number, refundedFen: number, billed: object = NOT_BILLED) => ({
  ...{ paidCount: 2, paidFen, refundedCount: 1, refundedFen },
  ...{ returnedCount: 0, returnedFen: 0, netFen: paidFen - refundedFen, ...billed },
});
const statement = {
  ...{ mchid: MCHID, from: '2026-03-01', to: '2026-03-02', groupBy: 'day' },
  items: [
    { group: '2026-03-01', ...takings(1234, 34, BILLED) },
    { group: '2026-03-02', ...takings(0, 1300) },
  ],
  totals: takings(1234, 1334),
};
beforeEach(() => {
  api.asked.length = 0;
  api.answer = () => ({ body: statement });
});
const PERIOD = ['--from', '2026-03-01', '--to', '2026-03-02'];

describe('paysaga statement', () => {
  it('shows a line a day, in yuan, and what is left of it', async () => {
    const { code, out } = await run(['statement', ...PERIOD, '--mchid', MCHID], at(api.url));
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[1]).toMatch(/│ day +│ payments │ paid +│ refunds │ refunded │ net +│ returned │ fees +│ settled │/);
    expect(lines[3]).toMatch(/│ 2026-03-01 │ 2 +│ ¥12.34 │ 1 +│ ¥0.34 +│ ¥12.00 +│ ¥0.00 +│ ¥0.07 │ ¥11.93 +│/);
    expect(lines[4]).toMatch(/│ 2026-03-02 │ 2 +│ ¥0.00 +│ 1 +│ ¥13.00 +│ -¥13.00 │ ¥0.00 +│ +│ +│/);
    expect(lines.at(-1)).toBe('Net: -¥1.00; paid: ¥12.34 (2), refunded: ¥13.34 (1).');
    expect(api.asked.map(({ path, query }) => [path, query])).toEqual([
      ['/v1/statements', { from: '2026-03-01', to: '2026-03-02', groupBy: 'day', mchid: MCHID }],
    ]);
  });

  it('says what the bills say once all of them are there', async () => {
    api.answer = () => ({ body: { ...statement, totals: takings(1234, 34, BILLED) } });
    const { out } = await run(['statement', ...PERIOD], at(api.url));
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/refunded: ¥0.34 \(1\), fees: ¥0.07, settled: ¥11.93\.$/);
  });

  it('--csv is for a spreadsheet, --json what was answered', async () => {
    const csv = await run(['statement', ...PERIOD, '--csv'], at(api.url));
    expect(csv.out.split('\r\n')).toEqual([
      '\ufeffday,paidCount,paidYuan,refundedCount,refundedYuan,returnedCount,returnedYuan,netYuan,feesYuan,settledYuan',
      '2026-03-01,2,12.34,1,0.34,0,0.00,12.00,0.07,11.93',
      '2026-03-02,2,0.00,1,13.00,0,0.00,-13.00,,',
      '',
    ]);
    const json = await run(['statement', ...PERIOD, '--by', 'appid', '--json'], at(api.url));
    expect(JSON.parse(json.out)).toEqual(statement);
    expect(api.asked.map(({ query }) => query['groupBy'])).toEqual(['day', 'appid']);
  });

  it.each([
    [['--from', '2026-03-01']],
    [['--from', '2026-02-30', '--to', '2026-03-01']],
    [['--from', '2026-03-01T00:00:00Z', '--to', '2026-03-01']],
    [[...PERIOD, '--by', 'week']],
    [[...PERIOD, '--csv', '--json']],
    [[...PERIOD, 'A-1001']],
  ])('refuses %j without asking anybody', async (options) => {
    const { code, out } = await run(['statement', ...options], at(api.url));
    expect([code, out, api.asked]).toEqual([2, '', []]);
  });
});
