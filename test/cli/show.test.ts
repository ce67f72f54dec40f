import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aDetail, anEvent, anExplanation, anOrder, aRefund, MCHID } from './support/answers.js';
import { startFakeApi, type FakeApi } from './support/fake-api.js';
import { at, run } from './support/run.js';

const EVENT_ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';

let api: FakeApi;
let hits: unknown[];
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());

const [attempt] = anOrder('A-1001').attempts;
const detail = aDetail('A-1001', {
  state: 'paid',
  stuckReason: 'gateway_unreachable',
  paidFen: 1234,
  refundingFen: 100,
  description: 'Tea\u001b[2J',
  attempts: [{ ...attempt, state: 'succeeded', transactionId: '4200000001', paidFen: 1234, refundingFen: 100 }],
  refunds: [aRefund('R-1', { amountFen: 100 })],
  events: [anEvent(EVENT_ID)],
});
const timeline = {
  items: [
    entry('2026-03-01T09:00:00.000Z', 'shop', 'order.created', { amountFen: 1234 }),
    entry('2026-03-01T09:05:00.000Z', 'gateway', 'call.query', { outcome: 'gateway_timeout' }),
    entry('2026-03-01T09:06:00.000Z', 'gateway', 'call.close', {
      ...{ outcome: 'refused', reason: 'no', detail: 'INVALID_REQUEST: /mchid: odd' },
      gateway: { status: 400, code: 'INVALID_REQUEST', message: 'no', detail: { field: '/mchid', issue: 'odd' } },
    }),
    entry('2026-03-01T09:30:00.000Z', 'person', 'action.recheck', {
      by: 'Li Lei (1)',
      reason: 'payer\r\nasked',
      detail: 'first',
      outcome: 'asked',
    }),
  ],
};

function entry(when: string, source: string, kind: string, change: object) {
  const nothing = {
    outcome: null,
    amountFen: null,
    by: null,
    reason: null,
    detail: null,
    before: null,
    after: null,
    gateway: null,
  };
  return { at: when, wechatAt: null, source, kind, subject: 'A-1001', ...nothing, ...change };
}

beforeEach(() => {
  api.asked.length = 0;
  hits = [{ found: 'transaction', mchid: MCHID, orderNo: 'A-1001', number: '4200000001' }];
  api.answer = ({ path }) => {
    if (path === '/v1/search') return { body: { items: hits } };
    if (path === '/v1/orders/A-1001/timeline') return { body: timeline };
    return path === '/v1/orders/A-1001' ? { body: detail } : undefined;
  };
});

describe('paysaga show', () => {
  it('finds the order by any number, of the merchant it belongs to', async () => {
    expect((await run(['show', '4200000001'], at(api.url))).code).toBe(0);
    expect(api.asked.map(({ path, query }) => [path, query])).toEqual([
      ['/v1/search', { number: '4200000001' }],
      ['/v1/orders/A-1001', { mchid: MCHID }],
      ['/v1/orders/A-1001/timeline', { mchid: MCHID }],
    ]);
  });

  it('says what the order waits for, since when, what comes next, and who can act how', async () => {
    const { out } = await run(['show', 'A-1001'], at(api.url));
    expect(out).toContain('WeChat Pay does not answer.');
    expect(out).toMatch(/since +2026-03-01 14:48:00\+08 \(3h12m\)/);
    expect(out).toMatch(/next +query again, 2026-03-01 18:05:00\+08/);
    expect(out).toMatch(/last answer +query: gateway_timeout, 2026-03-01 17:59:00\+08, call 7/);
    expect(out).toMatch(/who can act +an operator/);
    expect(out).toContain('$ paysaga recheck A-1001 --reason ');
  });

  it('says it in Chinese where that is chosen', async () => {
    const { out } = await run(['show', 'A-1001'], { config: { ...at(api.url).config, language: 'zh' } });
    expect(out).toContain('微信支付没有回答。');
    expect(out).toContain('谁可以处理  运营人员');
    expect(out).toContain('下一步      query again');
    expect(out).not.toContain('does not answer');
  });

  it('shows its money, attempts, refunds, events, and everything that happened with its source', async () => {
    const { out } = await run(['show', 'A-1001'], at(api.url));
    expect(out).toMatch(/state +paid\n/);
    expect(out).toMatch(/refunding +¥1.00\n/);
    expect(out).toMatch(/│ A-1001 │ native +│ succeeded │ 4200000001 +│ ¥12.34 │ ¥1.00 +│ ¥0.00 +│/);
    expect(out).toMatch(/│ R-1 +│ requested │ ¥1.00 +│ A-1001 │ shop +│ too late │/);
    expect(out).toMatch(new RegExp(`│ ${EVENT_ID} │ order.paid │ 2026-03-01 17:10:00\\+08 │ no +│ 1 +│ timeout +│`));
    expect(out).toMatch(/│ 2026-03-01 17:05:00\+08 │ +│ gateway │ call.query +│ A-1001 │ gateway_timeout │/);
    expect(out).toMatch(/│ call.close .*│ HTTP 400 INVALID_REQUEST: no \(\/mchid: odd\) │/);
    expect(out).toMatch(/│ person +│ action.recheck │ A-1001 │ asked +│ +│ Li Lei \(1\) │ first; payer {2}asked +│/);
  });

  it('says what WeChat Pay answered: of an attempt, of a refund, and last, in one order of status, code and words', async () => {
    const refused = (code: string, detail: object | null = null) => ({
      status: 400,
      code,
      message: `${code}的说明`,
      detail,
    });
    const order = {
      ...detail,
      attempts: [{ ...attempt, gateway: refused('PARAM_ERROR', { field: '/amount', issue: 'is too much' }) }],
      refunds: [aRefund('R-1', { state: 'rejected', gateway: refused('USER_ACCOUNT_ABNORMAL') })],
      explain: anExplanation({
        lastAnswer: { api: 'close', at: '2026-03-01T09:59:00.000Z', outcome: 'refused', gateway: refused('NO_AUTH') },
      }),
    };
    const asked = api.answer;
    api.answer = (call) => (call.path === '/v1/orders/A-1001' ? { body: order } : asked(call));
    const { out } = await run(['show', 'A-1001'], at(api.url));
    expect(out).toMatch(/│ HTTP 400 PARAM_ERROR: PARAM_ERROR的说明 \(\/amount: is too much\) │/);
    expect(out).toMatch(/│ R-1 .*│ HTTP 400 USER_ACCOUNT_ABNORMAL: USER_ACCOUNT_ABNORMAL的说明 │/);
    expect(out).toMatch(/answered with +HTTP 400 NO_AUTH: NO_AUTH的说明/);
  });

  it('says the HTTP status of an answer that has neither code nor words', async () => {
    const gateway = { status: 503, code: null, message: '', detail: null };
    const lastAnswer = { api: 'query', at: '2026-03-01T09:59:00.000Z', outcome: 'unknown', gateway };
    const order = { ...detail, attempts: [{ ...attempt, gateway }], explain: anExplanation({ lastAnswer }) };
    const asked = api.answer;
    api.answer = (call) => (call.path === '/v1/orders/A-1001' ? { body: order } : asked(call));
    const { out } = await run(['show', 'A-1001'], at(api.url));
    expect(out).toMatch(/│ HTTP 503 +│/);
    expect(out).toMatch(/answered with +HTTP 503\n/);
  });

  it("never lets others' text command the terminal", async () => {
    expect((await run(['show', 'A-1001'], at(api.url))).out).not.toContain('\u001b');
  });

  it('--json is the order as the API answers it', async () => {
    const { out } = await run(['show', 'A-1001', '--json'], at(api.url));
    expect(JSON.parse(out)).toEqual(detail);
  });

  it('fails for a number nobody has', async () => {
    hits = [];
    const { code, err } = await run(['show', 'A-9999'], at(api.url));
    expect(code).toBe(1);
    expect(err).toContain('has that number');
  });

  it('lists the orders when several have the number, and shows none of them', async () => {
    hits.push({ found: 'order', mchid: '1900000002', orderNo: '4200000001', number: '4200000001' });
    const { code, out, err } = await run(['show', '4200000001'], at(api.url));
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/1900000002 │ 4200000001 │ order/);
  });

  it("searches the merchants of an embedded stack's key, not only its first", async () => {
    const home = await mkdtemp(join(tmpdir(), 'paysaga-show-'));
    await writeFile(join(home, 'dev.json'), JSON.stringify({ apiUrl: api.url, operatorKey: 'k', mchid: '1900000002' }));
    expect((await run(['show', 'A-1001'], { config: { home } })).code).toBe(0);
    expect(api.asked.map(({ query }) => query['mchid'])).toEqual([undefined, MCHID, MCHID]);
    await run(['show', 'A-1001', '--mchid', MCHID], { config: { home } });
    expect(api.asked[3]?.query).toEqual({ number: 'A-1001', mchid: MCHID });
    await rm(home, { recursive: true });
  });

  it('shows an order that is found in two ways', async () => {
    hits.push({ found: 'order', mchid: MCHID, orderNo: 'A-1001', number: 'A-1001' });
    expect((await run(['show', 'A-1001'], at(api.url))).code).toBe(0);
  });
});

it('refuses no number, and two, without asking anybody', async () => {
  expect((await run(['show'], at(api.url))).code).toBe(2);
  expect((await run(['show', 'A-1001', 'A-1002'], at(api.url))).code).toBe(2);
  expect(api.asked).toEqual([]);
});
