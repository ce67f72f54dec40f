import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aRefund, MCHID } from './support/answers.js';
import { startFakeApi, type FakeApi } from './support/fake-api.js';
import { at, run } from './support/run.js';

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.asked.length = 0;
});

const listed = (refundNo: string, change: Readonly<Record<string, unknown>> = {}) =>
  aRefund(refundNo, { acceptedAt: null, ...change });

describe('paysaga refunds', () => {
  it('shows a line a refund, with its money in yuan and its times', async () => {
    const done = {
      state: 'succeeded',
      acceptedAt: '2026-03-01T10:00:02.000Z',
      succeededAt: '2026-03-01T10:01:00.000Z',
    };
    const items = [listed('mp|7', { ...done, cause: 'external', amountFen: 5 }), listed('R-1001')];
    api.answer = () => ({ body: { items, nextCursor: 'next' } });
    const { code, out } = await run(['refunds', '--limit', '2'], at(api.url));
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[1]).toMatch(/│ refund +│ order +│ state +│ cause +│ amount +│ created +│ accepted +│ succeeded +│/);
    expect(lines[3]).toMatch(
      /│ mp\|7 +│ A-1001 │ succeeded │ external │ ¥0.05 +│ 2026-03-01 18:00:00\+08 │ 2026-03-01 18:00:02\+08 │ 2026-03-01 18:01:00\+08 │/,
    );
    expect(lines[4]).toMatch(/│ R-1001 +│ A-1001 │ requested │ shop +│ ¥12.34 +│ 2026-03-01 18:00:00\+08 │ +│ +│/);
    expect(lines.at(-1)).toBe('2 refunds; there are more, see --all.');
  });

  it('asks as it is told, and --json prints what was answered', async () => {
    api.answer = () => ({ body: { items: [], nextCursor: null } });
    const [from, to] = ['2026-03-01T08:00:00+08:00', '2026-03-01T10:00:00Z'];
    const some = ['--state', 'processing', '--cause', 'external', '--order', 'A-1001', '--created-from', from];
    const { out } = await run(['refunds', ...some, '--created-to', to, '--mchid', MCHID, '--json'], at(api.url));
    expect(JSON.parse(out)).toEqual({ items: [], nextCursor: null });
    await run(['refunds', '--q', '少发', '--amount', '12.34', '--state', 'unsettled'], at(api.url));
    await run(['refunds', '--accepted-from', from, '--accepted-to', to, '--all'], at(api.url));
    const done = await run(['refunds', '--succeeded-from', from, '--succeeded-to', to], at(api.url));
    expect(done.out).toBe('No such refund.\n');
    const asked = { state: 'processing', cause: 'external', orderNo: 'A-1001', createdFrom: from, createdTo: to };
    expect(api.asked.map(({ path, query }) => [path, query])).toEqual([
      ['/v1/refunds', { ...asked, mchid: MCHID, limit: '50' }],
      ['/v1/refunds', { q: '少发', amountFen: '1234', state: 'unsettled', limit: '50' }],
      ['/v1/refunds', { acceptedFrom: from, acceptedTo: to, limit: '200' }],
      ['/v1/refunds', { succeededFrom: from, succeededTo: to, limit: '50' }],
    ]);
  });

  it.each([
    [['--state', 'done']],
    [['--cause', 'anger']],
    [['--q', 'x']],
    [['--amount', '1', '--amount-fen', '100']],
    [['--order', 'x']],
    [['--accepted-from', '2026-02-30']],
    [['--succeeded-to', 'today']],
    [['--all', '--limit', '5']],
    [['R-1001']],
  ])('refuses %j without asking anybody', async (options) => {
    const { code, out } = await run(['refunds', ...options], at(api.url));
    expect([code, out, api.asked]).toEqual([2, '', []]);
  });
});
