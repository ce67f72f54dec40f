import { createSweep, type Swept } from '../../activities/sweeper.js';
import type { OrderNo } from '../../src/base/ids.js';
import { pendingActivities } from './history.js';
import type { Saga } from './saga.js';
import { until } from './until.js';

/** One pass of the sweeper, as if it were `laterMs` later. */
export function sweep(saga: Saga, laterMs: number): Promise<Swept> {
  const { connection } = saga.services;
  const now = () => new Date(Date.now() + laterMs);
  return createSweep({ ...saga.services, db: connection.db, now })(() => undefined);
}

/** An order that lost its workflow after the first wait, and was resumed: its poll is in flight. */
export async function polledOrder(saga: Saga): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder();
  await saga.workflow(orderNo).terminate();
  const { sql } = saga.services.connection;
  await sql`update attempts set prepay_started_at = prepay_started_at - interval '90 seconds' where order_no = ${orderNo}`;
  await saga.services.orders.resume({ mchid: saga.mchid, orderNo });
  await pollBegun(saga, orderNo);
  return orderNo;
}

export const pollBegun = (saga: Saga, orderNo: OrderNo): Promise<unknown> =>
  until(
    'a poll in flight',
    async () => (await pendingActivities(saga.workflow(orderNo), 'pollTrade')).length === 1,
    200_000,
  );
