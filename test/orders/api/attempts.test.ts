import { describe, expect, it } from 'vitest';
import { projectOrder } from '../../../src/orders/store/projection.js';
import type { OrderView } from '../../../src/orders/api/order-schema.js';
import type { OpenAttemptRequest } from '../../../src/orders/client.js';
import { closed, MCHID, paid, projectionOf } from '../../db/fixtures.js';
import { json, problemCode, SANDBOX_URL, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const JSAPI = { product: 'jsapi', payer: { openid: 'o1' } };
const H5 = { product: 'h5', clientIp: '203.0.113.7' };

const attempt = (number: string, body: unknown) => test.send('POST', `/v1/orders/${number}/attempts`, { body });
const asked = () => test.orders.callsOf('openAttempt') as OpenAttemptRequest[];
const later = (seconds: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + seconds * 1000);
};

describe('the parameters of the open attempt', () => {
  it.each([
    ['native', {}, { product: 'native' }],
    ['native, its appid written out', {}, { product: 'native', appid: 'wxnative' }],
    ['jsapi', JSAPI, JSAPI],
    ['h5, its type written out', H5, { ...H5, h5Type: 'Wap' }],
  ])('answer it as it is while its code has 60 s left: %s', async (_, order, body) => {
    const number = await test.placeOrder(order);
    later(7200 - 60);
    const before = await test.load(number);
    // The order itself must not be what ends.
    await projectOrder(
      test.connection.db,
      projectionOf(before, { expiresAtMs: test.clock.now.getTime() + 600_000 }),
      test.clock.now,
    );
    const answer = await attempt(number, body);
    expect(answer.status).toBe(200);
    const view = await json<OrderView>(answer);
    expect(view.attempts).toHaveLength(1);
    expect(view.attempts[0]).toMatchObject({ outTradeNo: number, codeUrl: 'weixin://wxpay/bizpayurl?pr=code' });
    expect(asked()).toEqual([]);
  });

  it('re-enter it for a fresh code when the old one has less than 60 s left', async () => {
    const number = await test.placeOrder({ ...JSAPI, expiresInSeconds: 604_800 });
    later(7200 - 59);
    const { version } = await test.load(number);
    const answer = await attempt(number, JSAPI);
    expect(answer.status).toBe(200);
    const view = await json<OrderView>(answer);
    expect(view.attempts).toHaveLength(1);
    expect(view.attempts[0]?.codeUrl).not.toBe('weixin://wxpay/bizpayurl?pr=code');
    expect(asked()).toEqual([
      expect.objectContaining({ outTradeNo: number, reenter: true, product: 'jsapi', appid: 'wxjsapi' }),
    ]);
    expect(asked()[0]?.requestId).toMatch(new RegExp(`^[0-9a-f]{64}/${version}$`));
  });

  it.each([
    ['the openid', JSAPI, { ...JSAPI, payer: { openid: 'o2' } }],
    ['the product', JSAPI, { product: 'miniProgram', payer: { openid: 'o1' } }],
    ['the address', H5, { ...H5, clientIp: '203.0.113.8' }],
    ['the h5Type', H5, { ...H5, h5Type: 'iOS' }],
  ])('are others when %s differs: the next number is opened', async (_, order, body) => {
    const number = await test.placeOrder(order);
    const answer = await attempt(number, body);
    expect(answer.status).toBe(201);
    expect(asked()).toEqual([expect.objectContaining({ outTradeNo: `${number}*2`, reenter: false })]);
  });
});

describe('other parameters', () => {
  it('open the next number and answer 201 with both attempts', async () => {
    const number = await test.placeOrder();
    const answer = await attempt(number, JSAPI);
    expect(answer.status).toBe(201);
    const view = await json<OrderView>(answer);
    expect(view.attempts.map(({ outTradeNo, product, state }) => [outTradeNo, product, state])).toEqual([
      [number, 'native', 'open'],
      [`${number}*2`, 'jsapi', 'open'],
    ]);
  });

  it('repeated without an answer join the number that was not sent yet, under the same request id', async () => {
    const number = await test.placeOrder();
    test.orders.answers.openAttempt = () => Promise.resolve('pending');
    const first = await attempt(number, JSAPI);
    expect(first.status).toBe(503);
    expect(await problemCode(first)).toBe('outcome_pending');
    await attempt(number, JSAPI);
    await attempt(number, JSAPI);
    expect(asked().map((request) => request.outTradeNo)).toEqual([`${number}*2`, `${number}*2`, `${number}*2`]);
    expect(asked()[2]?.requestId).toBe(asked()[1]?.requestId);
  });

  it('answer 200 once a number reserved earlier is open', async () => {
    const number = await test.placeOrder();
    test.orders.answers.openAttempt = () => Promise.resolve('close_pending');
    await attempt(number, JSAPI);
    test.orders.answers = {};
    const answer = await attempt(number, JSAPI);
    expect(answer.status).toBe(200);
    expect((await json<OrderView>(answer)).attempts).toHaveLength(2);
  });

  it('are refused after 20 attempts', async () => {
    const number = await test.placeOrder();
    for (let n = 2; n <= 20; n += 1) {
      expect((await attempt(number, { ...JSAPI, payer: { openid: `o${n}` } })).status).toBe(201);
    }
    const answer = await attempt(number, { ...JSAPI, payer: { openid: 'o21' } });
    expect(answer.status).toBe(409);
    expect(await problemCode(answer)).toBe('too_many_attempts');
  });
});

describe('an attemptKey', () => {
  it('always means the same attempt', async () => {
    const number = await test.placeOrder();
    const body = { ...JSAPI, attemptKey: 'tab-7' };
    expect((await attempt(number, body)).status).toBe(201);
    const repeat = await attempt(number, body);
    expect(repeat.status).toBe(200);
    expect((await json<OrderView>(repeat)).attempts).toHaveLength(2);
    expect(asked()[0]?.requestId).toMatch(/^tab-7\/\d+$/);
    expect(asked()).toHaveLength(1);
  });

  it('answers its attempt even after that was closed for another', async () => {
    const number = await test.placeOrder();
    const body = { ...JSAPI, attemptKey: 'tab-7' };
    await attempt(number, body);
    const order = projectionOf(await test.load(number));
    const attempts = order.attempts.map((one) => ({ ...one, state: 'closed' as const }));
    await projectOrder(test.connection.db, { ...order, attempts }, test.clock.now);
    const repeat = await attempt(number, body);
    expect(repeat.status).toBe(200);
    expect((await json<OrderView>(repeat)).attempts[1]?.state).toBe('closed');
    expect(asked()).toHaveLength(1);
  });

  it('with other parameters is a conflict', async () => {
    const number = await test.placeOrder();
    await attempt(number, { ...JSAPI, attemptKey: 'tab-7' });
    const answer = await attempt(number, { ...H5, attemptKey: 'tab-7' });
    expect(answer.status).toBe(409);
    expect(await problemCode(answer)).toBe('order_conflict');
  });

  it('used twice at once with different parameters opens one attempt only', async () => {
    const number = await test.placeOrder();
    const answers = await Promise.all([JSAPI, H5].map((body) => attempt(number, { ...body, attemptKey: 'tab-7' })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409]);
    expect((await test.load(number)).attempts).toHaveLength(2);
  });

  it.each(['', 'x'.repeat(65), 'a/b', 'ключ'])('must not be %j', async (attemptKey) => {
    const number = await test.placeOrder();
    expect((await attempt(number, { ...JSAPI, attemptKey })).status).toBe(400);
  });
});

describe('of a merchant on API v2', () => {
  const v2 = () => {
    const merchant = test.merchants.get(MCHID);
    if (merchant !== undefined)
      test.merchants.set(MCHID, { ...merchant, credentials: { protocol: 'v2', gatewayUrls: [SANDBOX_URL] } });
  };

  const isSent = (number: string) =>
    test.connection.sql`update attempts set prepay_started_at = ${test.clock.now.toISOString()}, prepay_body = '{}'
      where out_trade_no = ${number}`;

  it('another attempt waits until the open one can be closed, and nothing is begun before', async () => {
    v2();
    const number = await test.placeOrder();
    await isSent(number);
    later(300 - 41);
    const early = await attempt(number, JSAPI);
    expect([early.status, await problemCode(early)]).toEqual([409, 'close_too_early']);
    expect(early.headers.get('retry-after')).toBe('41');
    expect([(await test.load(number)).attempts.length, asked()]).toEqual([1, []]);
    later(41);
    expect((await attempt(number, JSAPI)).status).toBe(201);
  });

  it('the open attempt is answered as it is', async () => {
    v2();
    const number = await test.placeOrder();
    await isSent(number);
    expect((await attempt(number, { product: 'native' })).status).toBe(200);
  });
});

describe('an order that cannot be paid', () => {
  it('closed answers order_closed', async () => {
    const number = await test.placeOrder();
    await projectOrder(test.connection.db, closed(await test.load(number)), test.clock.now);
    const answer = await attempt(number, JSAPI);
    expect([answer.status, await problemCode(answer)]).toEqual([409, 'order_closed']);
  });

  it('paid answers order_not_payable, to the open attempt too', async () => {
    const number = await test.placeOrder();
    await projectOrder(test.connection.db, paid(await test.load(number)), test.clock.now);
    for (const body of [JSAPI, { product: 'native' }]) {
      const answer = await attempt(number, body);
      expect([answer.status, await problemCode(answer)]).toEqual([409, 'order_not_payable']);
    }
  });

  it('in review answers order_not_payable', async () => {
    const number = await test.placeOrder();
    const inReview = projectionOf(await test.load(number), { state: 'review', reviewReason: 'amount_mismatch' });
    await projectOrder(test.connection.db, inReview, test.clock.now);
    const answer = await attempt(number, JSAPI);
    expect([answer.status, await problemCode(answer)]).toEqual([409, 'order_not_payable']);
  });

  it('with less than 60 s left answers order_expiring, with 60 s it is asked', async () => {
    const number = await test.placeOrder();
    later(7200 - 60);
    expect((await attempt(number, JSAPI)).status).toBe(201);
    later(1);
    const answer = await attempt(number, H5);
    expect([answer.status, await problemCode(answer)]).toEqual([409, 'order_expiring']);
  });

  it('that nobody knows answers order_not_found', async () => {
    const answer = await attempt('A-9999999', JSAPI);
    expect([answer.status, await problemCode(answer)]).toEqual([404, 'order_not_found']);
  });
});
