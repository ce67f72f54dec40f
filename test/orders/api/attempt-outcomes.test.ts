import { describe, expect, it } from 'vitest';
import { recordPrepayFailed } from '../../../src/orders/store/prepay.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import type { OrderView } from '../../../src/orders/api/order-schema.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import type { OpenAttemptRequest } from '../../../src/orders/client.js';
import { closed, orderNo, projectionOf } from '../../db/fixtures.js';
import { json, MCHID, orderBody, problemCode, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const JSAPI = { product: 'jsapi', payer: { openid: 'o1' } };
const H5 = { product: 'h5', clientIp: '203.0.113.7' };

const attempt = (number: string, body: unknown) => test.send('POST', `/v1/orders/${number}/attempts`, { body });
const asked = () => test.orders.callsOf('openAttempt') as OpenAttemptRequest[];

describe("the workflow's answer", () => {
  it('close_pending is 503 with Retry-After', async () => {
    const number = await test.placeOrder();
    test.orders.answers.openAttempt = () => Promise.resolve('close_pending');
    const answer = await attempt(number, JSAPI);
    expect([answer.status, await problemCode(answer)]).toEqual([503, 'close_pending']);
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
  });

  it('refused is 422', async () => {
    const number = await test.placeOrder();
    const refusal = { status: 400, code: 'PARAM_ERROR', message: 'openid不匹配', detail: null };
    test.orders.answers.openAttempt = async ({ mchid, outTradeNo }) => {
      await recordPrepayFailed(test.connection.db, { mchid, outTradeNo }, { earlierUnknown: false, refusal });
      return 'refused';
    };
    const answer = await attempt(number, JSAPI);
    expect(answer.status).toBe(422);
    expect(await json(answer)).toMatchObject({ code: 'prepay_refused', gateway: refusal });
  });

  it("refused never shows another attempt's refusal as this one's", async () => {
    const number = await test.placeOrder();
    const refusal = { status: 400, code: 'PARAM_ERROR', message: 'openid不匹配', detail: null };
    test.orders.answers.openAttempt = async ({ mchid, outTradeNo }) => {
      await recordPrepayFailed(test.connection.db, { mchid, outTradeNo }, { earlierUnknown: false, refusal });
      const order = projectionOf(await test.load(number));
      const attempts = order.attempts.map((one) =>
        one.outTradeNo === outTradeNo ? { ...one, state: 'failed' as const } : one,
      );
      await projectOrder(test.connection.db, { ...order, attempts }, test.clock.now);
      return 'refused';
    };
    expect(await json(await attempt(number, JSAPI))).toMatchObject({ gateway: refusal });
    test.orders.answers.openAttempt = () => Promise.resolve('refused');
    expect(await json(await attempt(number, H5))).toMatchObject({ code: 'prepay_refused', gateway: null });
  });

  it('stuck is 202 with the reason', async () => {
    const number = await test.placeOrder();
    test.orders.answers.openAttempt = async () => {
      const stuck = projectionOf(await test.load(number), { stuckReason: 'merchant_config' });
      await projectOrder(test.connection.db, stuck, test.clock.now);
      return 'stuck';
    };
    const answer = await attempt(number, JSAPI);
    expect(answer.status).toBe(202);
    expect(await json(answer)).toMatchObject({ stuckReason: 'merchant_config' });
  });

  it('not_payable says what the order became', async () => {
    const number = await test.placeOrder();
    test.orders.answers.openAttempt = async () => {
      await projectOrder(test.connection.db, closed(await test.load(number), 'cancelled'), test.clock.now);
      return 'not_payable';
    };
    expect(await problemCode(await attempt(number, JSAPI))).toBe('order_closed');
  });

  it('not_payable stands even where the row does not show it yet', async () => {
    const number = await test.placeOrder();
    test.orders.answers.openAttempt = () => Promise.resolve('not_payable');
    const answer = await attempt(number, JSAPI);
    expect([answer.status, await problemCode(answer)]).toEqual([409, 'order_not_payable']);
  });

  it('missing because Temporal cannot be reached is 503, and the reserved number is not lost', async () => {
    const number = await test.placeOrder();
    test.orders.answers.openAttempt = () => Promise.reject(new TemporalUnavailable());
    const answer = await attempt(number, JSAPI);
    expect([answer.status, await problemCode(answer)]).toEqual([503, 'outcome_pending']);
    test.orders.answers = {};
    await attempt(number, JSAPI);
    expect((await test.load(number)).attempts).toHaveLength(2);
  });
});

describe('an order that is still being created', () => {
  const placePending = async (body: Record<string, unknown> = {}): Promise<string> => {
    const number = test.newOrderNo();
    test.orders.answers.create = () => Promise.resolve('pending');
    await test.send('POST', '/v1/orders', { body: { ...orderBody(number), ...body } });
    test.orders.answers = {};
    return number;
  };

  it('answers attempt 1 to its own parameters once that is open', async () => {
    const number = await placePending();
    const answer = await attempt(number, { product: 'native' });
    expect(answer.status).toBe(200);
    expect((await json<OrderView>(answer)).attempts).toHaveLength(1);
    expect(asked()).toEqual([]);
  });

  it('answers outcome_pending to its own parameters while WeChat Pay has not answered', async () => {
    const number = await placePending();
    test.orders.answers.create = () => Promise.resolve('pending');
    const answer = await attempt(number, { product: 'native' });
    expect([answer.status, await problemCode(answer)]).toEqual([503, 'outcome_pending']);
  });

  it('answers 202 to its own parameters when somebody has to repair the configuration', async () => {
    const number = await placePending();
    test.orders.answers.create = async (order) => {
      await projectOrder(test.connection.db, projectionOf(order, { stuckReason: 'merchant_config' }), test.clock.now);
      return 'answered';
    };
    expect((await attempt(number, { product: 'native' })).status).toBe(202);
  });

  it('answers 422 to its own parameters when they are refused', async () => {
    const number = await placePending();
    const refusal = { status: 400, code: 'PARAM_ERROR', message: 'x', detail: null };
    test.orders.answers.create = async (order) => {
      const outTradeNo = nthOutTradeNo(orderNo(number), 1);
      await recordPrepayFailed(test.connection.db, { mchid: MCHID, outTradeNo }, { earlierUnknown: false, refusal });
      const rejected = { ...closed(order), closedReason: 'rejected' as const };
      await projectOrder(test.connection.db, rejected, test.clock.now);
      return 'answered';
    };
    expect(await json(await attempt(number, { product: 'native' }))).toMatchObject({
      code: 'prepay_refused',
      gateway: refusal,
    });
  });

  it('opens the next number for other parameters', async () => {
    const number = await placePending();
    expect((await attempt(number, JSAPI)).status).toBe(201);
    expect(asked()[0]?.outTradeNo).toBe(`${number}*2`);
  });
});
