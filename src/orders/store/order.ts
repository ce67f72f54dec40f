import { and, eq, sql } from 'drizzle-orm';
import { firstOutTradeNo, type Mchid, type OrderNo, type OutTradeNo } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { insertFrom, namesOf } from '../../db/insert-from.js';
import { given, preparedOnce } from '../../db/prepared.js';
import { attempts, merchantEvents, orders, refunds } from '../../db/schema.js';
import type { OrderProjection } from '../rules/projection.js';
import type { AskedShopData, AttemptParameters, OrderRecord, ShopData } from '../rules/record.js';
import {
  attemptColumns,
  isAttemptOfOrder,
  isPaidEventOfOrder,
  isRefundOfAttempt,
  joined,
  orderColumns,
  orderRecords,
} from './record.js';

export type OrderRef = { readonly mchid: Mchid; readonly orderNo: OrderNo };

export type AttemptRef = { readonly mchid: Mchid; readonly outTradeNo: OutTradeNo };

export type AttemptTerms = Pick<AttemptParameters, 'product' | 'appid' | 'openid' | 'clientIp' | 'h5Type' | 'till'> &
  Partial<Pick<AttemptParameters, 'sceneInfo' | 'identity'>> & {
    /** Of code scan; from here on read by the charge alone. */
    readonly authCode?: string | null;
  };

type ComesLater =
  'version' | 'ownStuckReason' | 'stuckSince' | 'returnedFen' | 'stalledSince' | 'refunds' | 'paidEvent';
type Time = 'expiresAt' | 'paidAt' | 'closedAt' | 'dueAt';

/** An order's terms, and those of its first attempt. */
export type NewOrder = OrderRef &
  Omit<OrderRecord, keyof OrderProjection | keyof ShopData | ComesLater | Time> &
  AskedShopData &
  AttemptTerms &
  Partial<Pick<AttemptParameters, 'sale'>> & { readonly attemptHash?: string };

/**
 * The idempotency guard of an order: the first one inserts it, with attempt 1, which is not yet sent. Whoever comes
 * later gets the order as it stands, whatever they asked for; compare `bodyHash`.
 */
export async function insertOrder(db: Db | Tx, order: NewOrder): Promise<{ inserted: boolean; record: OrderRecord }> {
  const { product, appid, openid, clientIp, h5Type, authCode, till, sceneInfo, identity, ...rest } = order;
  const { attemptHash: bodyHash, ...terms } = rest;
  const { mchid, orderNo, createdAt, expiresInSeconds } = terms;
  const times = { expiresAt: new Date(createdAt.getTime() + expiresInSeconds * 1_000), nextDueAt: createdAt };
  const payer = { product, appid, openid, clientIp, h5Type, authCode, till, sceneInfo, identity, bodyHash };
  const first = { outTradeNo: firstOutTradeNo(orderNo), number: 1, ...payer };
  const made = db.$with('made').as(
    db
      .insert(orders)
      .values({ ...terms, product, appid, ...times })
      .onConflictDoNothing()
      .returning(orderColumns),
  );
  const begun = db
    .$with('begun', attemptColumns)
    .as(sql`${insertFrom(attempts, { mchid, orderNo, ...first }, made)} returning ${namesOf(attemptColumns)}`);
  const rows = await db
    .with(made, begun)
    .select()
    .from(made)
    .innerJoin(begun, sql`true`);
  const [record] = orderRecords(rows.map(({ made: row, begun: attempt }) => ({ order: row, attempt, ...NOTHING_YET })));
  return { inserted: record !== undefined, record: record ?? there(await loadOrder(db, order)) };
}

const NOTHING_YET = { refund: null, paidEvent: null };

function there(record: OrderRecord | undefined): OrderRecord {
  if (record === undefined) throw new Error('An order was removed while it was inserted');
  return record;
}

export async function loadOrder(db: Db | Tx, ref: OrderRef): Promise<OrderRecord | undefined> {
  // One statement, so that the order, its attempts and its refunds are of the same moment.
  const { mchid, orderNo } = ref;
  return orderRecords(await loading(db).execute({ mchid, orderNo }))[0];
}

const loading = preparedOnce((db) =>
  db
    .select(joined)
    .from(orders)
    .innerJoin(attempts, isAttemptOfOrder)
    .leftJoin(refunds, isRefundOfAttempt)
    .leftJoin(merchantEvents, isPaidEventOfOrder)
    .where(isGivenOrder)
    .prepare('load_order'),
);

/** As {@link isOrder}, for statements that are built once. */
export const isGivenOrder = and(
  eq(orders.mchid, given('mchid', orders.mchid)),
  eq(orders.orderNo, given('orderNo', orders.orderNo)),
);

export const isOrder = ({ mchid, orderNo }: OrderRef) => and(eq(orders.mchid, mchid), eq(orders.orderNo, orderNo));
