import { describe, expect, it } from 'vitest';
import { recordPrepayFailed } from '../../../src/orders/store/prepay.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { DatabaseUnavailable } from '../../../src/db/failure.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { DEFAULT_POLICY } from '../../../src/orders/rules/policy.js';
import type { OrderView } from '../../../src/orders/api/order-schema.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { closed, paid, projectionOf } from '../../db/fixtures.js';
import {
  json,
  MCHID,
  SANDBOX_URL,
  orderBody,
  OTHER_MCHID,
  problemCode,
  useTestApp,
} from '../../http/support/test-app.js';

const test = useTestApp();

const post = (body: unknown, options: Parameters<typeof test.send>[2] = {}) =>
  test.send('POST', '/v1/orders', { body, ...options });

describe('a first call', () => {
  it('answers 201 with the codes WeChat Pay gave', async () => {
    const body = {
      ...orderBody(test.newOrderNo()),
      attach: 'table 7',
      metadata: { b: 1, a: [true, null, 'two\nlines\t\u200b👨‍👩‍👧'] },
    };

    const answer = await post(body);

    expect(answer.status).toBe(201);
    const order = await json<OrderView>(answer);
    expect(order).toMatchObject({
      orderNo: body.orderNo,
      mchid: MCHID,
      state: 'awaitingPayment',
      amountFen: 1200,
      currency: 'CNY',
      metadata: { a: [true, null, 'two\nlines\t\u200b👨‍👩‍👧'], b: 1 },
      createdAt: '2026-03-01T10:00:00.000Z',
      expiresAt: '2026-03-01T12:00:00.000Z',
      attempts: [
        { outTradeNo: body.orderNo, state: 'open', codeUrl: 'weixin://wxpay/bizpayurl?pr=code', invoke: null },
      ],
    });
    expect(order.checkoutUrl).toMatch(new RegExp(`^https://pay\\.example\\.com/pay/${body.orderNo}\\?t=`));
  });

  it('stores what the payer and the merchant need for the prepay', async () => {
    const number = await test.placeOrder({ product: 'h5', clientIp: '2001:db8::1', expiresInSeconds: 604_800 });
    const order = await test.load(number);
    expect(order.attempts[0]).toMatchObject({ product: 'h5', appid: 'wxh5' });
    expect(order.policy).toEqual(DEFAULT_POLICY);
    expect(order.expiresInSeconds).toBe(604_800);
  });

  it.each(['refund', 'accept', 'review'])('keeps latePayment %s with the order', async (latePayment) => {
    const number = await test.placeOrder({ policy: { latePayment } });
    expect((await test.load(number)).policy).toEqual({ latePayment, fulfilment: { required: false } });
  });

  it.each<[string, object, string]>([
    ['all that a body must have', {}, 'ed3ec2700477799649bfc63de4c6735dfd0cff7f84d1589204f683a91c89254b'],
    [
      'all that it may have',
      {
        ...{ product: 'h5', clientIp: '2001:db8::1', h5Type: 'iOS', appid: 'wxh5' },
        ...{ expiresInSeconds: 600, attach: 'table 7', metadata: { b: 1, a: [null] } },
        policy: { latePayment: 'review', fulfilment: { required: true, deadlineSeconds: 60 } },
      },
      'e688a85d96d401edda76c2e6d83dbcba4e07d6122268458844323497bb7c3a20',
    ],
  ])('is known by the same hash in every version: %s', async (said, fields, bodyHash) => {
    const orderNo = `hashed-${said.length}`;
    await post({ ...orderBody(orderNo), ...fields });
    expect((await test.load(orderNo)).bodyHash).toBe(bodyHash);
  });

  it('answers 202 while WeChat Pay has not answered within the wait', async () => {
    test.orders.answers.create = () => Promise.resolve('pending');
    const answer = await post(orderBody(test.newOrderNo()));
    expect(answer.status).toBe(202);
    expect(await json(answer)).toMatchObject({
      state: 'creating',
      stuckReason: null,
      attempts: [{ state: 'preparing' }],
    });
  });

  it('answers 202 with the reason when somebody has to repair the configuration', async () => {
    test.orders.answers.create = async (order) => {
      await projectOrder(test.connection.db, projectionOf(order, { stuckReason: 'merchant_config' }), test.clock.now);
      return 'answered';
    };
    const answer = await post(orderBody(test.newOrderNo()));
    expect(answer.status).toBe(202);
    expect(await json(answer)).toMatchObject({ state: 'creating', stuckReason: 'merchant_config' });
  });

  it("answers 422 with WeChat Pay's own words when it refuses the prepay, and the same 422 to each repeat", async () => {
    const refusal = { status: 400, code: 'PARAM_ERROR', message: '描述过长', detail: null };
    test.orders.answers.create = async (order) => {
      const attempt = { mchid: order.mchid, outTradeNo: nthOutTradeNo(order.orderNo, 1) };
      await recordPrepayFailed(test.connection.db, attempt, { earlierUnknown: false, refusal });
      const rejected = projectionOf(order, {
        state: 'closed',
        closedReason: 'rejected',
        closedAtMs: test.clock.now.getTime(),
        attempts: projectionOf(order).attempts.map((attempt) => ({ ...attempt, state: 'failed' })),
      });
      await projectOrder(test.connection.db, rejected, test.clock.now);
      return 'answered';
    };
    const body = orderBody(test.newOrderNo());

    for (const answer of [await post(body), await post(body)]) {
      expect(answer.status).toBe(422);
      expect(await json(answer)).toMatchObject({ code: 'prepay_refused', status: 422, gateway: refusal });
    }
    expect(test.orders.callsOf('create')).toHaveLength(1);
  });

  it('answers 202 while Temporal cannot be reached, keeps the row, and a repeat goes on with it', async () => {
    const body = orderBody(test.newOrderNo());
    test.orders.answers.create = () => Promise.reject(new TemporalUnavailable());

    const kept = await post(body);

    expect([kept.status, await json(kept)]).toMatchObject([202, { orderNo: body.orderNo, state: 'creating' }]);
    expect((await test.load(body.orderNo)).state).toBe('creating');
    test.orders.answers = {};
    const repeated = await post(body);
    expect(repeated.status).toBe(200);
    expect(await json(repeated)).toMatchObject({ state: 'awaitingPayment' });
  });

  it('answers 503 while the database cannot be reached', async () => {
    test.orders.answers.create = () => Promise.reject(new DatabaseUnavailable('ECONNREFUSED'));
    const answer = await post(orderBody(test.newOrderNo()));
    expect(answer.status).toBe(503);
    expect(await problemCode(answer)).toBe('unavailable');
  });
});

describe('a repeat', () => {
  it('answers 200 with the same order and asks nobody', async () => {
    const number = await test.placeOrder();
    const answer = await post({ ...orderBody(number) });
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ orderNo: number, state: 'awaitingPayment', version: 2 });
    expect(test.orders.callsOf('create')).toHaveLength(1);
  });

  it('is one whatever the order of its fields, white space, and defaults written out', async () => {
    const number = test.newOrderNo();
    const first = { ...orderBody(number), metadata: { a: 1, b: { c: 2, d: 3 } } };
    await post(first);
    const repeat = `{ "product": "native", "metadata": {"b": {"d": 3, "c": 2}, "a": 1.0}, "amountFen": 1200,
      "description": "two cups of tea", "orderNo": "${number}", "appid": "wxnative", "expiresInSeconds": 7200,
      "policy": {"latePayment": "refund", "fulfilment": {"required": false}} }`;
    expect((await post(repeat)).status).toBe(200);
  });

  it('waits again for an order that is still being created, and answers what the row then says', async () => {
    const body = orderBody(test.newOrderNo());
    test.orders.answers.create = () => Promise.resolve('pending');
    expect((await post(body)).status).toBe(202);
    expect((await post(body)).status).toBe(202);
    test.orders.answers = {};
    expect((await post(body)).status).toBe(200);
    expect(test.orders.callsOf('create')).toHaveLength(3);
  });

  it('answers the order as it is when it was paid or closed meanwhile', async () => {
    const number = await test.placeOrder();
    await projectOrder(test.connection.db, paid(await test.load(number)), test.clock.now);
    const answer = await post(orderBody(number));
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ state: 'paid', paidFen: 1200 });

    const other = await test.placeOrder();
    await projectOrder(test.connection.db, closed(await test.load(other)), test.clock.now);
    const closedAnswer = await post(orderBody(other));
    expect(closedAnswer.status).toBe(200);
    expect(await json(closedAnswer)).toMatchObject({ state: 'closed', closedReason: 'expired' });
  });

  it.each([
    ['amountFen', { amountFen: 1201 }],
    ['description', { description: 'two cups of coffee' }],
    ['product', { product: 'app' }],
    ['expiresInSeconds', { expiresInSeconds: 7201 }],
    ['attach', { attach: 'x' }],
    ['metadata', { metadata: {} }],
    ['policy', { policy: { latePayment: 'accept' } }],
    ['payer', { payer: { openid: 'o1' } }],
    ['clientIp', { clientIp: '10.0.0.1' }],
  ])('with another %s is refused with order_conflict', async (_, change) => {
    const number = await test.placeOrder();
    const answer = await post({ ...orderBody(number), ...change });
    expect(answer.status).toBe(409);
    expect(await problemCode(answer)).toBe('order_conflict');
    expect(test.orders.callsOf('create')).toHaveLength(1);
  });

  it('is made with the appid it names, the first where it names none, and another one is another order', async () => {
    const [first, second] = [test.newOrderNo(), test.newOrderNo()];
    await post(orderBody(first));
    await post({ ...orderBody(second), appid: 'wxsecond' });
    expect((await test.load(first)).attempts[0]?.appid).toBe('wxnative');
    expect((await test.load(second)).attempts[0]?.appid).toBe('wxsecond');
    expect(await problemCode(await post({ ...orderBody(second), appid: 'wxnative' }))).toBe('order_conflict');
  });

  it("is compared with the policy and appid of its row, not with today's defaults", async () => {
    const number = await test.placeOrder();
    test.merchants.set(MCHID, {
      mchid: MCHID,
      appids: { native: ['wxnew'] },
      policy: { latePayment: 'review', fulfilment: { required: false } },
      credentials: { protocol: 'v3', gatewayUrls: [SANDBOX_URL] },
    });
    expect((await post(orderBody(number))).status).toBe(200);
    expect((await test.load(number)).policy).toEqual(DEFAULT_POLICY);
  });

  it('is joined even when the merchant could no longer make such an order', async () => {
    const number = await test.placeOrder();
    test.merchants.set(MCHID, {
      mchid: MCHID,
      appids: {},
      policy: DEFAULT_POLICY,
      credentials: { protocol: 'v3', gatewayUrls: [SANDBOX_URL] },
    });
    expect((await post(orderBody(number))).status).toBe(200);
    expect((await post(orderBody(test.newOrderNo()))).status).toBe(400);
  });

  it('of the same number by another merchant is another order', async () => {
    const number = await test.placeOrder();
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    const answer = await post({ ...orderBody(number), amountFen: 5 }, { key });
    expect(answer.status).toBe(201);
    expect((await test.load(number)).amountFen).toBe(1200);
    expect((await test.load(number, OTHER_MCHID)).amountFen).toBe(5);
  });

  it('a hundred at once make one order', async () => {
    const body = orderBody(test.newOrderNo());
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(body)));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(99);
  });
});
