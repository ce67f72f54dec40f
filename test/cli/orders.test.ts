import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aDetail, anExplanation, anOrder, MCHID } from './support/answers.js';
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

const page = (items: unknown[], nextCursor: string | null = null) => ({ body: { items, nextCursor } });
const lines = (text: string): string[] => text.trimEnd().split('\n');

describe('paysaga orders', () => {
  it('shows a line an order, with money in yuan and its age', async () => {
    api.answer = () =>
      page([
        anOrder('A-1001', { stuckReason: 'shop_unreachable', state: 'paid', paidFen: 1234 }),
        anOrder('A-1002', { state: 'closed', closedReason: 'expired' }),
      ]);
    const { code, out } = await run(['orders', '--state', 'paid', '--limit', '20'], at(api.url));
    expect(code).toBe(0);
    expect(lines(out)).toEqual([
      expect.stringMatching(/^┌─/),
      expect.stringMatching(/│ order +│ state +│ stuck +│ amount │ paid +│ created +│ age │/),
      expect.stringMatching(/^├─/),
      expect.stringMatching(/│ A-1001 │ paid +│ shop_unreachable │ ¥12.34 │ ¥12.34 │ 2026-03-01 17:00:00\+08 │ 1h +│/),
      expect.stringMatching(/│ A-1002 │ closed \(expired\) │ +│ ¥12.34 │ ¥0.00 +│/),
      expect.stringMatching(/^└─/),
      '2 orders.',
    ]);
    expect(api.asked[0]?.query).toEqual({ state: 'paid', limit: '20' });
  });

  it('asks as it is told', async () => {
    api.answer = () => page([]);
    const [from, to] = ['2026-03-01T08:00:00+08:00', '2026-03-01T10:00:00Z'];
    const options = ['--created-from', from, '--created-to', to, '--stuck-reason', 'review', '--mchid', MCHID];
    expect((await run(['orders', ...options], at(api.url))).out).toBe('No such order.\n');
    const expected = { createdFrom: from, createdTo: to, stuckReason: 'review', mchid: MCHID, limit: '50' };
    expect(api.asked[0]?.query).toEqual(expected);
  });

  it('says that none is stuck', async () => {
    api.answer = () => page([]);
    expect((await run(['orders', '--stuck'], at(api.url))).out).toBe('No order is stuck.\n');
  });

  it('asks for what was paid, and says when', async () => {
    api.answer = () => page([anOrder('A-1001', { state: 'paid', paidFen: 1234, paidAt: '2026-03-01T09:30:00.000Z' })]);
    const [from, to] = ['2026-03-01T00:00:00+08:00', '2026-03-02T00:00:00+08:00'];
    const options = ['--paid-from', from, '--paid-to', to, '--product', 'jsapi', '--appid', 'wx01'];
    const { out } = await run(['orders', ...options], at(api.url));
    expect(lines(out)[1]).toMatch(/│ age │ paid at +│$/);
    expect(lines(out)[3]).toMatch(/│ 1h +│ 2026-03-01 17:30:00\+08 │$/);
    const expected = { paidFrom: from, paidTo: to, product: 'jsapi', appid: 'wx01', limit: '50' };
    expect(api.asked[0]?.query).toEqual(expected);
  });

  it('finds by words, and by an amount in yuan or in fen', async () => {
    api.answer = () => page([]);
    await run(['orders', '--q', ' 龙井 8000 ', '--amount', '88', '--state', 'paid'], at(api.url));
    await run(['orders', '--amount-fen', '8800', '--closed-reason', 'expired'], at(api.url));
    expect(api.asked.map(({ query }) => query)).toEqual([
      { q: '龙井 8000', amountFen: '8800', state: 'paid', limit: '50' },
      { amountFen: '8800', closedReason: 'expired', limit: '50' },
    ]);
  });

  it('says that there are more', async () => {
    api.answer = () => page([anOrder('A-1001')], 'next');
    expect((await run(['orders', '--limit', '1'], at(api.url))).out).toContain('1 order; there are more, see --all.');
  });

  it('with --all goes on to the last page, and with a limit no further than that', async () => {
    const all = Array.from({ length: 450 }, (_, index) => anOrder(`A-${1000 + index}`));
    api.answer = ({ query }) => {
      const from = Number(query['cursor'] ?? 0);
      const to = from + Number(query['limit']);
      return page(all.slice(from, to), to < all.length ? String(to) : null);
    };
    const { out } = await run(['orders', '--all', '--json'], at(api.url));
    expect(JSON.parse(out)).toEqual({ items: all, nextCursor: null });
    expect(api.asked.map(({ query }) => query['limit'])).toEqual(['200', '200', '200']);
    const limited = JSON.parse((await run(['orders', '--limit', '250', '--json'], at(api.url))).out) as object;
    expect(limited).toEqual({ items: all.slice(0, 250), nextCursor: '250' });
  });
});

describe('paysaga orders --stuck', () => {
  const stuck = [
    anOrder('A-1001', { stuckReason: 'gateway_unreachable' }),
    anOrder('A-1002', { stuckReason: 'review', state: 'review', reviewReason: 'amount_mismatch', amountFen: 100_000 }),
  ];
  beforeEach(() => {
    api.answer = ({ path }) => {
      if (path === '/v1/orders') return page(stuck);
      const since = path.endsWith('1001') ? '2026-03-01T06:48:00.000Z' : '2026-03-01T09:58:00.000Z';
      const order = stuck.find(({ orderNo }) => path.endsWith(orderNo));
      const claim = { source: 'notify', transactionId: '42', amountFen: 900 };
      const evidence = path.endsWith('1001')
        ? []
        : [claim, { ...claim, source: 'bill' }, { ...claim, source: 'query' }];
      return { body: aDetail(path.slice(-6), { ...order, attempts: [], evidence, explain: anExplanation({ since }) }) };
    };
  });

  it('shows what waits longest first, what for, since when, and the money at risk', async () => {
    const { code, out } = await run(['orders', '--stuck'], at(api.url));
    expect(code).toBe(0);
    expect(api.asked[0]?.query).toMatchObject({ stuckReason: 'any', sort: 'stuckSince' });
    const [, , , first, second, , sum] = lines(out);
    expect(first).toMatch(
      /A-1001 │ awaitingPayment +│ gateway_unreachable │ 2026-03-01 14:48:00\+08 │ 3h12m │ ¥12.34 +│ gateway +│ query again/,
    );
    expect(second).toMatch(
      /A-1002 │ review \(amount_mismatch\) │ review +│ 2026-03-01 17:58:00\+08 │ 2m +│ ¥1000.00 │/,
    );
    expect(sum).toBe('Money at risk: ¥9.00 in 2 orders; not paid yet: ¥12.34.');
  });

  it('for one reason asks for that one, and --json asks no more than the list', async () => {
    const { out } = await run(['orders', '--stuck', '--stuck-reason', 'review', '--json'], at(api.url));
    expect(JSON.parse(out)).toEqual({ items: stuck, nextCursor: null });
    expect(api.asked.map(({ path, query }) => [path, query['stuckReason'], query['sort']])).toEqual([
      ['/v1/orders', 'review', 'stuckSince'],
    ]);
  });

  it('paints on a terminal only', async () => {
    const painted = await run(['orders', '--stuck'], { ...at(api.url), colour: true });
    expect(painted.out).toContain('\u001b[31m¥9.00');
    expect((await run(['orders', '--stuck'], at(api.url))).out).not.toContain('\u001b');
  });
});

it.each([
  [['--limit', '0']],
  [['--limit', 'many']],
  [['--all', '--limit', '5']],
  [['--state', 'stuck']],
  [['--stuck-reason', 'bad luck']],
  [['--created-from', 'yesterday']],
  [['--paid-from', '2026-02-30']],
  [['--paid-to', 'yesterday']],
  [['--product', 'cash']],
  [['--q', 'x']],
  [['--q', 'x'.repeat(65)]],
  [['--amount', '8.888']],
  [['--amount', '0']],
  [['--amount-fen', '8.8']],
  [['--amount', '88', '--amount-fen', '8800']],
  [['--closed-reason', 'tired']],
  [['--stuck', '--q', 'tea']],
  [['--stuck', '--amount', '88']],
  [['--stuck', '--state', 'paid']],
  [['--stuck', '--paid-to', '2026-03-01T00:00:00Z']],
  [['--stuck', '--appid', 'wx01']],
  [['--mchid', 'me']],
  [['A-1001']],
  [['--colour']],
])('refuses %j without asking anybody', async (options) => {
  const { code, out } = await run(['orders', ...options], at(api.url));
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(api.asked).toEqual([]);
});
