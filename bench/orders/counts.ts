import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { DevFile } from '../../src/cli/kit/dev-file.js';
import { orderWorkflowId, parseMchid, parseOrderNo } from '../../src/base/ids.js';
import { costOf, durableTries } from './history-cost.js';
import { happyOrders, type Sink } from './shop.js';

/** Means over the orders of a round; `fastPathShare`: of those without a regular activity. */
export type Counts = Readonly<
  Record<'eventsPerOrder' | 'transitionsPerOrder' | 'actionsPerOrder' | 'fastPathShare', number>
>;

/** Of a round of its own: looking at histories costs Temporal's CPU. */
export async function measureCounts(dev: DevFile, sink: Sink, count: number): Promise<Counts> {
  const { orderNos } = await happyOrders(dev, sink, count);
  const connection = await Connection.connect({ address: dev.temporalAddress });
  try {
    const client = new Client({ connection, namespace: NAMESPACE });
    const seen: Seen[] = [];
    for (const orderNo of orderNos) seen.push(await seenOf(client.workflow.getHandle(idOf(dev.mchid, orderNo))));
    const meanOf = (of: (it: Seen) => number) => seen.reduce((sum, it) => sum + of(it), 0) / seen.length;
    return {
      eventsPerOrder: meanOf(({ events }) => events),
      transitionsPerOrder: meanOf(({ transitions }) => transitions),
      actionsPerOrder: meanOf(({ actions }) => actions),
      fastPathShare: meanOf(({ isFast }) => (isFast ? 1 : 0)),
    };
  } finally {
    await connection.close();
  }
}

/** Of the embedded server. */
const NAMESPACE = 'paysaga';

type Seen = Awaited<ReturnType<typeof costOf>> & { readonly isFast: boolean };

async function seenOf(handle: WorkflowHandle): Promise<Seen> {
  await handle.result();
  const isFast = (await durableTries(handle)).length === 0;
  return { ...(await costOf(handle)), isFast };
}

function idOf(mchidText: string, orderNoText: string): string {
  const [mchid, orderNo] = [parseMchid(mchidText), parseOrderNo(orderNoText)];
  if (!mchid.ok || !orderNo.ok) throw new Error(`${orderNoText} is no order`);
  return orderWorkflowId(mchid.value, orderNo.value);
}
