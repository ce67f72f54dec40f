import { describe, expect, it } from 'vitest';
import { recordEvidence } from '../../../src/orders/store/evidence.js';
import { recordGatewayCall } from '../../../src/orders/store/gateway-call.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import type { StuckReason } from '../../../src/orders/rules/states.js';
import type { OrderView } from '../../../src/orders/api/order-schema.js';
import { orderNo, paid, projectionOf } from '../../db/fixtures.js';
import { json, MCHID, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const ORDER_KEYS = [
  'orderNo',
  'mchid',
  'version',
  'state',
  'closedReason',
  'reviewReason',
  'ending',
  'stuckReason',
  'amountFen',
  'currency',
  'paidFen',
  'payerFen',
  'payer',
  'tradeType',
  'payerCurrency',
  'payerAmount',
  'coupons',
  'couponsLeftOut',
  'refundedFen',
  'refundingFen',
  'returnedFen',
  'fulfilment',
  'description',
  'attach',
  'metadata',
  'returnUrl',
  'expiresAt',
  'createdAt',
  'paidAt',
  'closedAt',
  'checkoutUrl',
  'attempts',
  'refunds',
];
const ATTEMPT_KEYS = [
  'outTradeNo',
  'product',
  'state',
  'codeUrl',
  'prepayId',
  'h5Url',
  'invoke',
  'codeExpiresAt',
  'transactionId',
  'paidFen',
  'refundedFen',
  'refundingFen',
  'gateway',
];

describe('the order every call answers', () => {
  it('has exactly the fields of the contract, absent ones as null', async () => {
    const number = await test.placeOrder();
    const sync = await json<OrderView>(await test.send('POST', `/v1/orders/${number}/sync`));
    expect(Object.keys(sync)).toEqual(ORDER_KEYS);
    expect(Object.keys(sync.attempts[0] ?? {})).toEqual(ATTEMPT_KEYS);
    expect(sync).toMatchObject({
      closedReason: null,
      reviewReason: null,
      ending: null,
      stuckReason: null,
      metadata: null,
      paidAt: null,
      closedAt: null,
      refunds: [],
      fulfilment: 'none',
    });
  });

  it('never holds the openid', async () => {
    const number = await test.placeOrder({ product: 'jsapi', payer: { openid: 'oCanaryOpenid' } });
    const answer = await test.send('GET', `/v1/orders/${number}`);
    expect(await answer.text()).not.toContain('oCanaryOpenid');
  });

  it.each([
    ['jsapi', { payer: { openid: 'o1' } }, 'wxjsapi'],
    ['miniProgram', { payer: { openid: 'o1' } }, 'wxmini'],
    ['app', {}, 'wxapp'],
  ])('signs the invoke parameters of %s afresh in each answer', async (product, payer, appid) => {
    const number = await test.placeOrder({ product, ...payer });
    const read = async () =>
      (await json<OrderView>(await test.send('GET', `/v1/orders/${number}`))).attempts[0]?.invoke;
    const [first, second] = [await read(), await read()];
    expect(first).toMatchObject({ appId: appid, package: 'prepay_id=wx-code' });
    expect(second?.['paySign']).not.toBe(first?.['paySign']);
  });

  it('has no invoke parameters once the attempt is not open any more', async () => {
    const number = await test.placeOrder({ product: 'app' });
    await projectOrder(test.connection.db, paid(await test.load(number)), test.clock.now);
    const order = await json<OrderView>(await test.send('GET', `/v1/orders/${number}`));
    expect(order).toMatchObject({ state: 'paid', paidFen: 1200, payerFen: 1200, paidAt: textWith(/./) });
    expect(order.attempts[0]).toMatchObject({ state: 'succeeded', invoke: null, paidFen: 1200 });
  });
});

describe('GET an order', () => {
  it('adds the evidence, the events and what it waits for', async () => {
    const number = await test.placeOrder();
    const outTradeNo = nthOutTradeNo(orderNo(number), 1);
    const fact = { mchid: MCHID, appid: 'wxnative', tradeType: 'NATIVE', totalFen: 1200, currency: 'CNY' };
    const evidence = {
      ...fact,
      source: 'notify',
      outTradeNo,
      transactionId: '42000',
      orderNo: orderNo(number),
    } as const;
    await recordEvidence(test.connection.db, evidence, test.clock.now);
    const call = {
      mchid: MCHID,
      orderNo: orderNo(number),
      outTradeNo,
      api: 'query',
      outcome: 'ok',
      durationMs: 5,
    } as const;
    await recordGatewayCall(test.connection.db, { ...call, at: test.clock.now, nextAt: null });

    const answer = await test.send('GET', `/v1/orders/${number}`);

    expect(answer.status).toBe(200);
    const order = await json(answer);
    expect(Object.keys(order)).toEqual([...ORDER_KEYS, 'evidence', 'events', 'explain']);
    expect(order['evidence']).toEqual([
      {
        id: textWith(/./),
        source: 'notify',
        outTradeNo: number,
        transactionId: '42000',
        amountFen: 1200,
        at: '2026-03-01T10:00:00.000Z',
      },
    ]);
    expect(order['events']).toEqual([]);
    expect(Object.keys(order['explain'] as object)).toEqual([
      'waitingFor',
      'since',
      'nextStep',
      'nextAt',
      'attempts',
      'lastAnswer',
      'actor',
      'commands',
      'text',
    ]);
    expect(order['explain']).toMatchObject({
      attempts: 1,
      lastAnswer: { api: 'query', at: '2026-03-01T10:00:00.000Z', outcome: 'ok' },
      text: { zh: textWith(/\p{Script=Han}/u), en: textWith(/./) },
    });
  });

  it.each(['A-9999999', 'x', 'A-1001*2', '%00', '..%2Fx', 'a'.repeat(400)])(
    'answers 404 for %s, which this merchant does not have',
    async (number) => {
      const answer = await test.send('GET', `/v1/orders/${number}`);
      expect(answer.status).toBe(404);
      expect(await problemCode(answer)).toBe('order_not_found');
    },
  );

  it("answers 404 for another merchant's order", async () => {
    const number = await test.placeOrder();
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    const answer = await test.send('GET', `/v1/orders/${number}`, { key });
    expect(answer.status).toBe(404);
    expect(await problemCode(answer)).toBe('order_not_found');
  });
});

describe('the list of orders', () => {
  type Page = { items: OrderView[]; nextCursor: string | null };

  it('comes newest first, page by page, and once each', async () => {
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    const numbers: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      test.clock.now = new Date(test.clock.now.getTime() + 1_000);
      const number = test.newOrderNo();
      await test.send('POST', '/v1/orders', {
        key,
        body: { orderNo: number, amountFen: 1, description: 'x', product: 'native' },
      });
      numbers.unshift(number);
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer: Page = await json<Page>(await test.send('GET', `/v1/orders?limit=2${query}`, { key }));
      expect(answer.items.length).toBeLessThanOrEqual(2);
      seen.push(...answer.items.map((order) => order.orderNo));
      cursor = answer.nextCursor;
    }
    expect(seen).toEqual(numbers);
  });

  it('is filtered by state, stuckReason and creation', async () => {
    test.clock.now = new Date('2026-04-01T00:00:00Z');
    const waiting = await test.placeOrder();
    const done = await test.placeOrder();
    await projectOrder(test.connection.db, paid(await test.load(done)), test.clock.now);
    const numbers = async (query: string) => {
      const page = await json<Page>(await test.send('GET', `/v1/orders?${query}`));
      return page.items.map((order) => order.orderNo).sort();
    };
    const from = 'createdFrom=2026-04-01T00:00:00Z';
    expect(await numbers(from)).toEqual([waiting, done].sort());
    expect(await numbers('createdFrom=2026-04-01T08:00:00%2B08:00&state=paid')).toEqual([done]);
    expect(await numbers(`${from}&stuckReason=review`)).toEqual([]);
    expect(await numbers(`${from}&createdTo=2026-04-01T00:00:00Z`)).toEqual([]);
  });

  it('of what is stuck comes what is stuck longest first, where that is asked for', async () => {
    test.clock.now = new Date('2026-05-01T00:00:00Z');
    const [first, second] = [await test.placeOrder(), await test.placeOrder()];
    const stick = async (number: string, stuckReason: StuckReason, seconds: number) => {
      const since = new Date(test.clock.now.getTime() + seconds * 1_000);
      await projectOrder(test.connection.db, projectionOf(await test.load(number), { stuckReason }), since);
    };
    await stick(second, 'merchant_config', 1);
    await stick(first, 'gateway_unreachable', 2);
    const numbers = async (query: string) =>
      (await json<Page>(await test.send('GET', `/v1/orders?${query}`))).items.map(({ orderNo }) => orderNo);
    expect(await numbers('stuckReason=any&sort=stuckSince')).toEqual([second, first]);
    expect(await numbers('stuckReason=gateway_unreachable&sort=stuckSince')).toEqual([first]);
    expect((await numbers('stuckReason=any&sort=created')).sort()).toEqual([first, second].sort());
    const page = await json<Page>(await test.send('GET', '/v1/orders?stuckReason=any&sort=stuckSince&limit=1'));
    const next = `stuckReason=any&sort=stuckSince&cursor=${page.nextCursor ?? ''}`;
    expect(await numbers(next)).toEqual([first]);
  });

  it('of what is paid is by the time of payment, of a product and an appid where that is asked for', async () => {
    test.clock.now = new Date('2026-06-01T00:00:00Z');
    const pay = async (number: string, paidAt: string) => {
      const projection = { ...paid(await test.load(number)), paidAtMs: Date.parse(paidAt) };
      await projectOrder(test.connection.db, projection, test.clock.now);
    };
    const [late, early] = [await test.placeOrder(), await test.placeOrder({ appid: 'wxsecond' })];
    const app = await test.placeOrder({ product: 'app' });
    const unpaid = await test.placeOrder({ product: 'app' });
    await pay(early, '2026-06-01T15:59:59.999Z');
    await pay(app, '2026-06-01T16:00:00Z');
    await pay(late, '2026-06-01T18:00:00Z');
    const numbers = async (query: string) =>
      (await json<Page>(await test.send('GET', `/v1/orders?${query}`))).items.map(({ orderNo }) => orderNo);
    const from = 'paidFrom=2026-06-01T00:00:00%2B08:00';

    expect(await numbers(from)).toEqual([late, app, early]);
    expect(await numbers(`${from}&state=paid&sort=paid`)).toEqual([late, app, early]);
    expect(await numbers('sort=paid&limit=3')).toEqual([late, app, early]);
    expect(await numbers(`${from}&paidTo=2026-06-02T00:00:00%2B08:00`)).toEqual([early]);
    expect(await numbers(`${from}&product=native`)).toEqual([late, early]);
    expect(await numbers(`${from}&product=native&appid=wxsecond&paidTo=2026-06-03T00:00:00Z`)).toEqual([early]);
    expect(await numbers(`product=app&createdFrom=2026-06-01T00:00:00Z`)).toEqual([unpaid, app]);
    const page = await json<Page>(await test.send('GET', `/v1/orders?${from}&limit=2`));
    expect(await numbers(`${from}&limit=2&cursor=${page.nextCursor ?? ''}`)).toEqual([early]);
    const other = await test.send('GET', `/v1/orders?cursor=${page.nextCursor ?? ''}`);
    expect([other.status, (await json(other))['detail']]).toEqual([400, textWith(/^query cursor:/)]);
  });

  it.each([
    ['state', 'paidFrom=2026-06-01T00:00:00Z&state=closed'],
    ['stuckReason', 'sort=paid&stuckReason=any'],
    ['createdFrom', 'paidTo=2026-06-01T00:00:00Z&createdFrom=2026-06-01T00:00:00Z'],
    ['createdTo', 'sort=paid&product=native&createdTo=2026-06-01T00:00:00Z'],
    ['paidFrom', 'sort=created&paidFrom=2026-06-01T00:00:00Z'],
    ['paidTo', 'sort=stuckSince&stuckReason=any&paidTo=2026-06-01T00:00:00Z'],
    ['state', 'product=native&state=paid'],
    ['stuckReason', 'appid=wxnative&stuckReason=any'],
    ['product', 'sort=stuckSince&stuckReason=any&product=native'],
    ['sort', 'sort=stuckSince'],
    ['product', 'product=cash'],
    ['appid', 'appid='],
    ['appid', 'appid=wx%00'],
    ['paidFrom', 'paidFrom=2026-06-01'],
    ['paidTo', 'paidTo=0000-01-01T00:00:00Z'],
  ])('names %s where it refuses %s', async (field, query) => {
    const answer = await test.send('GET', `/v1/orders?${query}`);
    expect([answer.status, await json(answer)]).toMatchObject([
      400,
      { code: 'invalid_request', detail: textWith(new RegExp(`^query ${field}: `)) },
    ]);
  });

  it.each([
    'sort=age',
    'sort=stuckSince',
    'sort=stuckSince&stuckReason=any&state=creating',
    'sort=stuckSince&stuckReason=any&createdFrom=2026-04-01T00:00:00Z',
    'sort=stuckSince&stuckReason=any&cursor=x',
    'limit=0',
    'limit=201',
    'limit=x',
    'limit=1.5',
    'limit=1.0',
    'limit=1e2',
    'limit=0x10',
    'limit=%205',
    'limit=',
    'state=done',
    'stuckReason=bored',
    'createdFrom=yesterday',
    'createdFrom=2026-04-01',
    'cursor=x',
    'states=paid',
    'state=paid&state=closed',
  ])('refuses %s', async (query) => {
    const answer = await test.send('GET', `/v1/orders?${query}`);
    expect(answer.status).toBe(400);
    expect(await problemCode(answer)).toBe('invalid_request');
  });
});
