import type { WorkflowHandle } from '@temporalio/client';
import type { OrderNo } from '../../src/base/ids.js';
import type { Saga } from './saga.js';
import type { ShopEndpoint } from './shop-endpoint.js';
import { until } from './until.js';

/** One way through a workflow; resolves when it has got there, as the run that tells of it. */
export type Story = (saga: Saga, shop: ShopEndpoint) => Promise<WorkflowHandle>;

/** Waits for the order's run to end well. */
export async function ended(saga: Saga, orderNo: OrderNo): Promise<WorkflowHandle> {
  const handle = saga.workflow(orderNo);
  await until('an order that does not wait for its creation', async () => (await saga.order(orderNo)).version > 1);
  await handle.result();
  return handle;
}
