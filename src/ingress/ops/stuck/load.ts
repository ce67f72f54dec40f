import { pageOf as cutPage } from '../../../db/keyset.js';
import { listStuckOrders } from '../../../orders/store/list.js';
import type { Explanation } from '../../../domain/explain.js';
import type { Mchid } from '../../../base/ids.js';
import type { OrderRecord } from '../../../domain/order/record.js';
import type { StuckReason } from '../../../domain/order/states.js';
import type { IngressDeps } from '../../../http/kit/route.js';
import { explanationOf } from '../../orders/explanation.js';
import { pageOf } from '../../../http/kit/fields.js';

export type StuckRow = { readonly order: OrderRecord; readonly explanation: Explanation };

export type StuckQuery = {
  readonly mchids: readonly Mchid[];
  readonly reason?: StuckReason | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

/** What is stuck of all these merchants, oldest first, each with why. Throws `invalid_request` for a cursor that no page gave. */
export async function loadStuck(
  deps: IngressDeps,
  { mchids, reason, cursor, limit }: StuckQuery,
): Promise<{ readonly rows: readonly StuckRow[]; readonly nextCursor: string | null }> {
  const filter = {
    limit: limit + 1,
    ...(reason === undefined ? {} : { stuckReason: reason }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  const pages = await Promise.all(mchids.map((mchid) => listStuckOrders(deps.connection.db, { mchid, ...filter })));
  const orders = pages.flatMap((page) => pageOf(page).items).toSorted(longestFirst);
  const keyOf = (order: OrderRecord) => ({ at: new Date(sinceMs(order)), id: order.orderNo });
  const { items, nextCursor } = cutPage(orders, limit, { keyOf, itemOf: (order) => order });
  return { rows: await Promise.all(items.map((order) => explained(deps, order))), nextCursor };
}

async function explained(deps: IngressDeps, order: OrderRecord): Promise<StuckRow> {
  return { order, explanation: (await explanationOf(deps, order)).explain };
}

/** As each merchant's own list is ordered, so that one cursor continues them all. */
const longestFirst = (a: OrderRecord, b: OrderRecord): number =>
  sinceMs(a) - sinceMs(b) || (a.orderNo < b.orderNo ? -1 : Number(a.orderNo > b.orderNo));

const sinceMs = ({ stuckSince, createdAt }: OrderRecord): number => (stuckSince ?? createdAt).getTime();
