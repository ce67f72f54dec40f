import { afterEach, describe, expect, it } from 'vitest';
import { loadInbox } from '../../src/inbox/store/inbox.js';
import type { OrderNo } from '../../src/base/ids.js';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { holdOrder } from '../support/hold-order.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

const saga = useSaga();
afterEach(() => saga.gateway.repair());

const isPaid = (order: { state: string }): boolean => order.state === 'paid';
const sync = (orderNo: OrderNo) => saga.call('POST', `/v1/orders/${orderNo}/sync`);
const inbox = async (orderNo: OrderNo) => {
  const { items } = (await saga.call('GET', '/v1/inbox?limit=200', undefined, saga.operatorKey)).body;
  return items.filter((row) => row.orderNo === orderNo);
};
const delivered = (orderNo: OrderNo, count: number) =>
  until(`${count} deliveries`, async () => (await saga.gateway.notifies(orderNo)).length >= count);

async function paidOrder(): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder();
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, isPaid);
  await saga.workflow(orderNo).result();
  return orderNo;
}

/** An order whose first number was closed for a second one. */
async function twoAttempts(): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder();
  const jsapi = { product: 'jsapi', payer: { openid: 'o-payer' } };
  const { status } = await saga.call('POST', `/v1/orders/${orderNo}/attempts`, jsapi);
  expect(status).toBe(201);
  return orderNo;
}

describe('a notify', () => {
  it('that is lost is made up for by asking', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    await delivered(orderNo, 1);
    expect((await saga.order(orderNo)).state).toBe('awaitingPayment');
    expect((await sync(orderNo)).body).toMatchObject({ state: 'paid', paidFen: 1200 });
  });

  it('that is doubled pays once', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'notify', kind: 'duplicate', outTradeNo: orderNo });
    await saga.gateway.pay(orderNo);
    const paid = await saga.orderWhen(orderNo, isPaid);
    await saga.workflow(orderNo).result();
    const [row, ...others] = await until('both deliveries', async () => {
      const rows = await inbox(orderNo);
      return rows[0]?.deliveries === 2 && rows;
    });
    expect(row?.status).toMatch(/signalled|duplicate/);
    expect(others).toEqual([]);
    const after = await saga.order(orderNo);
    expect(after.version).toBe(paid.version);
    expect(after.evidence.map(({ source }) => source).sort()).toEqual(['notify', 'query']);
  });

  it('that comes after a query settled the same payment is a duplicate and starts nothing', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo });
    await saga.gateway.pay(orderNo);
    await delivered(orderNo, 1);
    const { version } = (await sync(orderNo)).body;
    await saga.workflow(orderNo).result();
    const { runId } = await saga.workflow(orderNo).describe();
    await saga.gateway.advance(20);
    const [row] = await until('the notify', async () => {
      const rows = await inbox(orderNo);
      return rows[0]?.status === 'duplicate' && rows;
    });
    expect(row?.outTradeNo).toBe(orderNo);
    const after = await saga.workflow(orderNo).describe();
    expect([after.runId, after.status.name]).toEqual([runId, 'COMPLETED']);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'paid', version });
  });

  it('told again to an order that is settled changes nothing', async () => {
    const orderNo = await paidOrder();
    const { runId } = await saga.workflow(orderNo).describe();
    const { version } = await saga.order(orderNo);
    const [row] = await inbox(orderNo);
    const redrive = `/v1/inbox/${row?.id ?? ''}/redrive`;
    const again = await saga.call('POST', redrive, { reason: 'to be sure' }, saga.operatorKey);
    expect(again).toMatchObject({ status: 200, body: { status: 'duplicate' } });
    expect((await saga.workflow(orderNo).describe()).runId).toBe(runId);
    expect((await saga.order(orderNo)).version).toBe(version);
  });

  it.each(['badSignature', 'signTest', 'wrongKey'] as const)(
    'that is forged (%s) is refused, the true one counts',
    async (kind) => {
      const { orderNo } = await saga.createOrder();
      await saga.gateway.fault({ on: 'notify', kind, outTradeNo: orderNo });
      await saga.gateway.pay(orderNo);
      await delivered(orderNo, 1);
      expect((await saga.gateway.notifies(orderNo))[0]?.status).toBe(401);
      expect(await inbox(orderNo)).toEqual([]);
      expect((await saga.order(orderNo)).state).toBe('awaitingPayment');
      await saga.gateway.advance(20);
      await saga.orderWhen(orderNo, isPaid);
    },
  );

  it('that overtakes the answer to the prepay pays the order', async () => {
    const orderNo = saga.newOrderNo();
    await saga.gateway.fault({ on: 'prepay', kind: 'timeoutAfter', outTradeNo: orderNo, times: 0 });
    const body = { orderNo, amountFen: 1200, description: 'A cup of tea', product: 'native' };
    const creation = saga.call('POST', '/v1/orders', body);
    await until('the trade', () => saga.gateway.trade(orderNo));
    await saga.gateway.pay(orderNo);
    expect(await creation).toMatchObject({ status: 201, body: { state: 'paid', paidFen: 1200 } });
  });

  it('that a query does not confirm yet is believed only once one does', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'query', kind: 'stale', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    await until('the first query', async () => (await saga.order(orderNo)).explain.attempts > 0);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'awaitingPayment', paidFen: 0 });
    await saga.gateway.repair();
    await saga.orderWhen(orderNo, isPaid);
  });
});

describe('money that disagrees', () => {
  it.each([
    ['in the notify alone', 'notify', 1200],
    ['in the query', 'query', 1201],
    ['in the trade itself', 'pay', 1201],
  ] as const)('%s goes to review', async (_where, on, confirmedFen) => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on, kind: 'wrongAmount', outTradeNo: orderNo });
    await saga.gateway.pay(orderNo);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    expect(order).toMatchObject({ reviewReason: 'amount_mismatch', stuckReason: 'review', paidFen: 0 });
    expect(order.attempts[0]).toMatchObject({ state: 'succeeded', paidFen: confirmedFen });
    expect((await saga.workflow(orderNo).describe()).status.name).toBe('RUNNING');
  });
});

describe('money nobody expected', () => {
  it('found after the order was closed starts it again, for a person where its policy says so', async () => {
    const { orderNo } = await saga.createOrder({ policy: { latePayment: 'review' } });
    expect((await saga.call('POST', `/v1/orders/${orderNo}/close`)).body).toMatchObject({ state: 'closed' });
    await saga.workflow(orderNo).result();
    await saga.gateway.pay(orderNo, { force: true });
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    expect(order).toMatchObject({ reviewReason: 'late_payment', stuckReason: 'review', paidFen: 0 });
    expect(order.attempts[0]).toMatchObject({ state: 'succeeded', paidFen: 1200 });
    expect((await saga.workflow(orderNo).describe()).status.name).toBe('RUNNING');
  });

  it('means the same whichever of two notifies comes first', async () => {
    const orderNo = await twoAttempts();
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo });
    await saga.gateway.pay(orderNo, { force: true });
    await delivered(orderNo, 1);
    await saga.gateway.pay(nthOutTradeNo(orderNo, 2));
    await saga.orderWhen(orderNo, isPaid);
    await saga.gateway.advance(20);
    const order = await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    expect(order).toMatchObject({ state: 'paid', paidFen: 1200 });
    expect(order.attempts.every(({ state, paidFen }) => state === 'succeeded' && paidFen === 1200)).toBe(true);
  });
});

describe('during the last workflow task', () => {
  it('a second payment is not accepted and forgotten', async () => {
    const orderNo = await twoAttempts();
    const held = await holdOrder(saga.databaseUrl, orderNo);
    await saga.gateway.pay(nthOutTradeNo(orderNo, 2));
    await held.awaited();
    await saga.gateway.pay(orderNo, { force: true });
    await until('the second notify', async () => (await inbox(orderNo)).filter(isSignalled).length === 2);
    await held.release();
    const order = await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    expect(order).toMatchObject({ state: 'paid', paidFen: 1200, refunds: [{ cause: 'second_payment' }] });
    await saga.workflow(orderNo).result();
  });

  it('the same payment told again does not keep the order open', async () => {
    const { orderNo } = await saga.createOrder();
    const held = await holdOrder(saga.databaseUrl, orderNo);
    await saga.gateway.pay(orderNo);
    await held.awaited();
    const [row] = await until('the notify', async () => {
      const rows = (await inbox(orderNo)).filter(isSignalled);
      return rows.length > 0 && rows;
    });
    await tellAgain(row?.id ?? '');
    await held.release();
    await saga.workflow(orderNo).result();
    expect(await saga.order(orderNo)).toMatchObject({ state: 'paid', stuckReason: null });
  });
});

/** As the sweeper does for a notify whose delivery it cannot know. */
async function tellAgain(inboxId: string): Promise<void> {
  const row = await loadInbox(saga.services.connection.db, inboxId);
  if (row?.kind !== 'payment' || row.orderNo === null || row.evidence === null) {
    throw new Error('the notify has no order');
  }
  const { mchid, orderNo, evidence } = row;
  await saga.services.orders.deliverEvidence({ mchid, orderNo, evidence });
}

const isSignalled = ({ status }: { status: string }): boolean => status === 'signalled';
