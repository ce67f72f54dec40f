import { describe, expect, it } from 'vitest';
import { projectOrder } from '../../../src/orders/store/projection.js';
import type { FulfilmentState } from '../../../src/orders/rules/states.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { closed, paid, projectionOf } from '../../db/fixtures.js';
import { json, MCHID, SANDBOX_URL, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const POLICY = { policy: { fulfilment: { required: true, deadlineSeconds: 600 } } };

const report = (number: string, body: unknown) => test.send('POST', `/v1/orders/${number}/fulfilment`, { body });
const refusalOf = async (answer: Response) => [answer.status, await problemCode(answer)];
const setFulfilment = async (number: string, fulfilment: FulfilmentState): Promise<void> => {
  await projectOrder(test.connection.db, projectionOf(await test.load(number), { fulfilment }), test.clock.now);
};

/** A paid order whose goods are to be delivered. */
async function placeOrderToFulfil(): Promise<string> {
  const number = await test.placeOrder(POLICY);
  const payment = { ...paid(await test.load(number)), fulfilment: 'pending' } as const;
  await projectOrder(test.connection.db, payment, test.clock.now);
  return number;
}

describe('a fulfilment', () => {
  it.each(['fulfilled', 'rejected'] as const)(
    'that is %s is told to the order, and who said it is kept',
    async (outcome) => {
      const number = await placeOrderToFulfil();
      test.orders.answers.reportFulfilment = async () => {
        await setFulfilment(number, outcome);
        return 'recorded';
      };
      const answer = await report(number, { outcome, reason: 'as the courier says' });
      expect(answer.status).toBe(200);
      expect(await json(answer)).toMatchObject({ orderNo: number, state: 'paid', fulfilment: outcome });
      expect(test.orders.callsOf('reportFulfilment')).toEqual([{ mchid: MCHID, orderNo: number, outcome }]);
      expect(await test.actionsOf(number)).toMatchObject([
        {
          action: 'fulfilment',
          parameters: { outcome },
          reason: 'as the courier says',
          actor: textWith(/^[0-9a-f-]{36}$/),
          outcome: 'recorded',
        },
      ]);
    },
  );

  it('needs no reason', async () => {
    const number = await placeOrderToFulfil();
    expect((await report(number, { outcome: 'fulfilled' })).status).toBe(200);
    expect(await test.actionsOf(number)).toMatchObject([{ reason: null }]);
  });

  it('said again is answered from the row, the other one is refused', async () => {
    for (const [said, other] of [
      ['fulfilled', 'rejected'],
      ['rejected', 'fulfilled'],
    ] as const) {
      const number = await placeOrderToFulfil();
      await setFulfilment(number, said);
      const again = await report(number, { outcome: said });
      expect([again.status, await json(again)]).toMatchObject([200, { fulfilment: said }]);
      expect(await refusalOf(await report(number, { outcome: other }))).toEqual([409, 'fulfilment_final']);
    }
    expect(test.orders.callsOf('reportFulfilment')).toEqual([]);
  });

  it('after the deadline is too late, whatever it is', async () => {
    const number = await placeOrderToFulfil();
    await setFulfilment(number, 'overdue');
    for (const outcome of ['fulfilled', 'rejected']) {
      expect(await refusalOf(await report(number, { outcome }))).toEqual([409, 'fulfilment_final']);
    }
    expect(test.orders.callsOf('reportFulfilment')).toEqual([]);
  });

  it('that was overtaken meanwhile is refused', async () => {
    const number = await placeOrderToFulfil();
    test.orders.answers.reportFulfilment = () => Promise.resolve('final');
    expect(await refusalOf(await report(number, { outcome: 'fulfilled' }))).toEqual([409, 'fulfilment_final']);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: 'final' }]);
    test.orders.answers.reportFulfilment = () => Promise.resolve('not_expected');
    expect(await refusalOf(await report(number, { outcome: 'fulfilled' }))).toEqual([409, 'fulfilment_not_expected']);
  });

  it('of an order that does not require it is not expected, paid or not', async () => {
    for (const number of [await test.placeOrder(), await test.placePaidOrder()]) {
      expect(await refusalOf(await report(number, { outcome: 'fulfilled' }))).toEqual([409, 'fulfilment_not_expected']);
    }
  });

  it('of an order that is not paid, or never will be, is refused', async () => {
    const number = await test.placeOrder(POLICY);
    expect(await refusalOf(await report(number, { outcome: 'fulfilled' }))).toEqual([409, 'order_not_paid']);
    await projectOrder(test.connection.db, closed(await test.load(number)), test.clock.now);
    expect(await refusalOf(await report(number, { outcome: 'rejected' }))).toEqual([409, 'order_not_paid']);
    expect(test.orders.callsOf('reportFulfilment')).toEqual([]);
  });

  it('whose outcome is still open is answered 503, and a repeat joins it', async () => {
    const number = await placeOrderToFulfil();
    test.orders.answers.reportFulfilment = () => Promise.resolve('pending');
    const answer = await report(number, { outcome: 'rejected', reason: 'sold out' });
    expect(answer.headers.get('Retry-After')).not.toBeNull();
    expect(await refusalOf(answer)).toEqual([503, 'outcome_pending']);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: null }]);
    test.orders.answers = {};
    expect((await report(number, { outcome: 'rejected', reason: 'sold out' })).status).toBe(200);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: 'recorded', reason: 'sold out' }]);
  });

  it.each([
    ['rejected', 'recorded', 'rejected'],
    ['fulfilled', 'final', 'rejected'],
    ['overdue', 'final', 'rejected'],
  ] as const)('that the row shows as %s is answered and finished as %s at once', async (now, outcome, said) => {
    const number = await placeOrderToFulfil();
    test.orders.answers.reportFulfilment = () => Promise.resolve('pending');
    await report(number, { outcome: said });
    await setFulfilment(number, now);
    await report(number, { outcome: said });
    expect(test.orders.callsOf('reportFulfilment')).toHaveLength(1);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome, parameters: { outcome: said } }]);
  });

  it('that did not reach Temporal is answered 503, kept, and joined by a repeat', async () => {
    const number = await placeOrderToFulfil();
    test.orders.answers.reportFulfilment = () => Promise.reject(new TemporalUnavailable());
    expect(await refusalOf(await report(number, { outcome: 'fulfilled' }))).toEqual([503, 'outcome_pending']);
    expect(await test.actionsOf(number)).toMatchObject([{ action: 'fulfilment', outcome: null }]);
    test.orders.answers = {};
    expect((await report(number, { outcome: 'fulfilled' })).status).toBe(200);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: 'recorded' }]);
  });

  it('of an order that is not there is 404', async () => {
    expect(await refusalOf(await report('A-9999999', { outcome: 'fulfilled' }))).toEqual([404, 'order_not_found']);
  });

  it.each([
    {},
    { outcome: 'delivered' },
    { outcome: 'overdue' },
    { outcome: null },
    { outcome: 'fulfilled', reason: '' },
    { outcome: 'fulfilled', reason: 'x'.repeat(501) },
    { outcome: 'fulfilled', reason: 'a\u0007b' },
    { outcome: 'fulfilled', at: 'now' },
  ])('is refused as %j', async (body) => {
    const number = await placeOrderToFulfil();
    expect(await refusalOf(await report(number, body))).toEqual([400, 'invalid_request']);
    expect(test.orders.callsOf('reportFulfilment')).toEqual([]);
    expect(await test.actionsOf(number)).toEqual([]);
  });
});

describe('an order with fulfilment', () => {
  const policyOf = async (number: string) => (await test.load(number)).policy.fulfilment;

  it.each([60, 2_592_000])(
    'is accepted with %i s, and keeps its policy with the default filled in',
    async (seconds) => {
      const number = await test.placeOrder({ policy: { fulfilment: { required: true, deadlineSeconds: seconds } } });
      expect(await policyOf(number)).toEqual({ required: true, deadlineSeconds: seconds, onDeadline: 'refund' });
    },
  );

  it('is the same order whether the default is written out or not, and another with another policy', async () => {
    const fulfilment = { required: true, deadlineSeconds: 600 };
    const number = await test.placeOrder({ policy: { fulfilment } });
    const again = (change: Record<string, unknown>) =>
      test.send('POST', '/v1/orders', {
        body: {
          orderNo: number,
          amountFen: 1200,
          description: 'two cups of tea',
          product: 'native',
          policy: { fulfilment: { ...fulfilment, ...change } },
        },
      });
    expect((await again({ onDeadline: 'refund' })).status).toBe(200);
    expect((await again({})).status).toBe(200);
    for (const change of [{ onDeadline: 'review' }, { deadlineSeconds: 601 }]) {
      expect(await refusalOf(await again(change))).toEqual([409, 'order_conflict']);
    }
  });

  it("takes the merchant's own default, and a body may say no to it", async () => {
    const fulfilment = { required: true, deadlineSeconds: 600, onDeadline: 'review' } as const;
    const policy = { latePayment: 'refund', fulfilment } as const;
    const credentials = { protocol: 'v3', gatewayUrls: [SANDBOX_URL] } as const;
    test.merchants.set(MCHID, { mchid: MCHID, appids: { native: ['wxnative'] }, policy, credentials });
    expect(await policyOf(await test.placeOrder())).toEqual(fulfilment);
    const without = await test.placeOrder({ policy: { fulfilment: { required: false } } });
    expect(await policyOf(without)).toEqual({ required: false });
  });
});
