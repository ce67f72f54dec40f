import { describe, expect, it } from 'vitest';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { recordGatewayCall } from '../../../src/orders/store/gateway-call.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { closed, orderNo, paid, projectionOf } from '../../db/fixtures.js';
import { json, MCHID, problemCode, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const payNow = async (number: string): Promise<void> => {
  await projectOrder(test.connection.db, paid(await test.load(number)), test.clock.now);
};
const closeNow = async (number: string): Promise<void> => {
  await projectOrder(test.connection.db, closed(await test.load(number), 'cancelled'), test.clock.now);
};
const review = async (number: string): Promise<void> => {
  const change = projectionOf(await test.load(number), { state: 'review', reviewReason: 'evidence_conflict' });
  await projectOrder(test.connection.db, change, test.clock.now);
};

describe('sync', () => {
  const sync = (number: string) => test.send('POST', `/v1/orders/${number}/sync`);
  const recordCall = (number: string, api: 'query' | 'prepay', outcome: string) =>
    recordGatewayCall(test.connection.db, {
      mchid: MCHID,
      orderNo: orderNo(number),
      outTradeNo: nthOutTradeNo(orderNo(number), 1),
      api,
      at: test.clock.now,
      outcome,
      durationMs: 1,
      nextAt: null,
    });

  it('asks and answers what the order is then', async () => {
    const number = await test.placeOrder();
    test.orders.answers.sync = async () => {
      await payNow(number);
      return 'answered';
    };
    const answer = await sync(number);
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ state: 'paid' });
    expect(test.orders.callsOf('sync')).toEqual([{ mchid: MCHID, orderNo: number }]);
  });

  it('does not ask again within 5 s of a query, and does after', async () => {
    const number = await test.placeOrder();
    await recordCall(number, 'query', 'notPaid');
    test.clock.now = new Date(test.clock.now.getTime() + 4_999);
    expect((await sync(number)).status).toBe(200);
    expect(test.orders.callsOf('sync')).toHaveLength(0);
    test.clock.now = new Date(test.clock.now.getTime() + 1);
    await sync(number);
    expect(test.orders.callsOf('sync')).toHaveLength(1);
  });

  it('asks the order that has not written yet what the last query told it', async () => {
    const number = await test.placeOrder();
    await recordCall(number, 'query', 'paid');
    await sync(number);
    expect(test.orders.callsOf('sync')).toHaveLength(1);
  });

  it('is not held back by calls that are no query', async () => {
    const number = await test.placeOrder();
    await recordCall(number, 'prepay', 'opened');
    await sync(number);
    expect(test.orders.callsOf('sync')).toHaveLength(1);
  });

  it.each([
    'unknown',
    'gate_shut',
    'rate_limited',
    'unreachable',
    'merchant_config',
    'FREQUENCY_LIMITED',
    'SYSTEM_ERROR',
  ])('asks again at once when the last query came to nothing: %s', async (outcome) => {
    const number = await test.placeOrder();
    await recordCall(number, 'query', outcome);
    test.orders.answers.sync = () => Promise.resolve('pending');
    expect((await sync(number)).status).toBe(503);
    expect(test.orders.callsOf('sync')).toHaveLength(1);
  });

  it('asks nobody about a paid order, but does about a closed one', async () => {
    const done = await test.placeOrder();
    await payNow(done);
    expect(await json(await sync(done))).toMatchObject({ state: 'paid' });
    expect(test.orders.callsOf('sync')).toHaveLength(0);
    const late = await test.placeOrder();
    await closeNow(late);
    await sync(late);
    expect(test.orders.callsOf('sync')).toHaveLength(1);
  });

  it('answers outcome_pending when WeChat Pay does not answer in time', async () => {
    const number = await test.placeOrder();
    test.orders.answers.sync = () => Promise.resolve('pending');
    const answer = await sync(number);
    expect([answer.status, await problemCode(answer)]).toEqual([503, 'outcome_pending']);
    expect(answer.headers.get('Retry-After')).not.toBeNull();
  });
});

describe('close', () => {
  const close = (number: string) => test.send('POST', `/v1/orders/${number}/close`);
  const actions = (number: string) =>
    test.connection.sql<{ action: string; outcome: string | null; actor: string }[]>`
      select action, outcome, actor from operator_actions where order_no = ${number} order by requested_at, id`;

  it('answers 200 with the closed order, and keeps who asked', async () => {
    const number = await test.placeOrder();
    test.orders.answers.close = async () => {
      await closeNow(number);
      return 'closed';
    };
    const answer = await close(number);
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ state: 'closed', closedReason: 'cancelled' });
    const [action] = await actions(number);
    expect(action).toMatchObject({ action: 'close', outcome: 'closed' });
    expect(action?.actor).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers 200 to an order closed already, without asking', async () => {
    const number = await test.placeOrder();
    await closeNow(number);
    expect((await close(number)).status).toBe(200);
    expect(test.orders.callsOf('close')).toEqual([]);
  });

  it('answers order_paid when it is paid, or was meanwhile', async () => {
    const number = await test.placeOrder();
    test.orders.answers.close = async () => {
      await payNow(number);
      return 'paid';
    };
    for (let n = 0; n < 2; n += 1) {
      const answer = await close(number);
      expect([answer.status, await problemCode(answer)]).toEqual([409, 'order_paid']);
    }
    expect(test.orders.callsOf('close')).toHaveLength(1);
    expect(await actions(number)).toMatchObject([{ outcome: 'paid' }]);
  });

  it('answers order_not_payable when it is in review', async () => {
    const number = await test.placeOrder();
    test.orders.answers.close = async () => {
      await review(number);
      return 'review';
    };
    for (let n = 0; n < 2; n += 1) {
      const answer = await close(number);
      expect([answer.status, await problemCode(answer)]).toEqual([409, 'order_not_payable']);
    }
  });

  it.each([
    ['it is not confirmed', () => Promise.resolve('pending' as const)],
    ['Temporal cannot be reached', () => Promise.reject(new TemporalUnavailable())],
  ])('answers 202 while %s, and a repeat joins the same request', async (_why, answer) => {
    const number = await test.placeOrder();
    test.orders.answers.close = answer;
    const [first, second] = [await close(number), await close(number)];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(await json(first)).toMatchObject({ orderNo: number, state: 'awaitingPayment' });
    const [one, two] = test.orders.callsOf('close') as { requestId: string }[];
    expect(one?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(two?.requestId).toBe(one?.requestId);
    expect(await actions(number)).toHaveLength(1);
  });

  it.each([
    ['closed', closeNow],
    ['paid', payNow],
    ['review', review],
  ] as const)('asked before, of an order that is %s by now, is finished at once', async (outcome, become) => {
    const number = await test.placeOrder();
    test.orders.answers.close = () => Promise.resolve('pending');
    await close(number);
    await become(number);
    await close(number);
    expect(test.orders.callsOf('close')).toHaveLength(1);
    expect(await actions(number)).toMatchObject([{ action: 'close', outcome }]);
  });

  it('that is not answered while the order closes is finished with it', async () => {
    const number = await test.placeOrder();
    test.orders.answers.close = async () => {
      await closeNow(number);
      return 'pending';
    };
    expect((await close(number)).status).toBe(200);
    expect(await actions(number)).toMatchObject([{ action: 'close', outcome: 'closed' }]);
  });
});
