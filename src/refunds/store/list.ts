import { and, desc, eq, gte, lt, type SQL } from 'drizzle-orm';
import { OUT_REFUND_NO_PATTERN, type Mchid } from '../../base/ids.js';
import { is, isAmong } from '../../db/columns.js';
import type { Db, Tx } from '../../db/connection.js';
import { decodeCursor, inOrder, isAfter, pageOf, type Keyset } from '../../db/keyset.js';
import { refunds } from '../../db/schema.js';
import type { RefundRecord } from '../rules/record.js';
import {
  ACCEPTED_REFUND_STATES,
  REFUND_CAUSES,
  REFUND_STATES,
  UNSETTLED_REFUND_STATES,
  type RefundCause,
  type RefundStateName,
} from '../rules/states.js';
import { refundColumns, refundRecord } from './record.js';

/** `accepted` by WeChat Pay: at the time by which a refund belongs to a day, see `bookedAt`. */
export const REFUND_TIMES = ['created', 'accepted', 'succeeded'] as const;
export type RefundTime = (typeof REFUND_TIMES)[number];

export type RefundFilter = {
  /** Of all these merchants. */
  readonly mchids: readonly Mchid[];
  /** An order has few refunds: with it, everything else goes together. */
  readonly orderNo?: string | undefined;
  /** Without an orderNo by `created` alone, as is the cause: no index holds them by another time. */
  readonly state?: RefundStateName | 'unsettled' | undefined;
  readonly cause?: RefundCause | undefined;
  /** As they are, and without an orderNo with no cause. */
  readonly amountFen?: number | undefined;
  readonly time: RefundTime;
  /** Inclusive. */
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

export type RefundPage = { readonly items: RefundRecord[]; readonly nextCursor: string | null };

export const REFUND_COLUMNS = {
  created: refunds.createdAt,
  accepted: refunds.bookedAt,
  succeeded: refunds.succeededAt,
} as const;

/** What has such a time at all: the condition of its index, in its words. */
export const HAS_TIME: Readonly<Record<RefundTime, SQL | undefined>> = {
  created: undefined,
  accepted: isAmong(refunds.state, ACCEPTED_REFUND_STATES),
  succeeded: is(refunds.state, 'succeeded'),
};

export const OUT_REFUND_NO = new RegExp(OUT_REFUND_NO_PATTERN);

/**
 * Newest first by that time, external ones too; cursors as of `listOrders`. As there, the keys of each part's page come from an
 * index alone, in its order; only their rows are then read.
 */
export async function listRefunds(db: Db | Tx, filter: RefundFilter): Promise<RefundPage | 'bad_cursor'> {
  const { time, from, to, cursor, limit } = filter;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, OUT_REFUND_NO, time);
  if (cursor !== undefined && after === undefined) return 'bad_cursor';
  const column = REFUND_COLUMNS[time];
  const where = and(
    HAS_TIME[time],
    from && gte(column, from),
    to && lt(column, to),
    after && isAfter(column, refunds.outRefundNo, after),
  );
  const rowsOf = (part: SQL | undefined) => {
    const page = db
      .select({ mchid: refunds.mchid, outRefundNo: refunds.outRefundNo })
      .from(refunds)
      .where(and(part, where))
      .orderBy(desc(column), desc(refunds.outRefundNo))
      .limit(limit + 1)
      .as('page');
    return db
      .select({ refund: refundColumns, at: column })
      .from(page)
      .innerJoin(refunds, and(eq(refunds.mchid, page.mchid), eq(refunds.outRefundNo, page.outRefundNo)));
  };
  const rows = (await Promise.all(partsOf(filter).map(rowsOf))).flat();
  const keyOf = ({ refund, at }: (typeof rows)[number]): Keyset => ({
    at: at ?? refund.createdAt,
    id: refund.outRefundNo,
  });
  const itemOf = ({ refund }: (typeof rows)[number]): RefundRecord => refundRecord(refund);
  return pageOf(inOrder(rows, keyOf), limit, { keyOf, itemOf, order: time });
}

export const isInState = (state: NonNullable<RefundFilter['state']>): SQL =>
  state === 'unsettled' ? isAmong(refunds.state, UNSETTLED_REFUND_STATES) : eq(refunds.state, state);

/** Of a state or a cause alone, refunds stand in their index by the other, of an amount by state: each of it is a part of its own. */
function partsOf({ mchids, orderNo, state, cause, amountFen }: RefundFilter): (SQL | undefined)[] {
  const isOf = (mchid: Mchid, one: RefundFilter['state'], why: RefundCause | undefined) =>
    and(
      eq(refunds.mchid, mchid),
      one && isInState(one),
      why && eq(refunds.cause, why),
      amountFen === undefined ? undefined : eq(refunds.amountFen, amountFen),
      orderNo === undefined ? undefined : eq(refunds.orderNo, orderNo),
    );
  const isOpen = orderNo !== undefined || (state === undefined && cause === undefined && amountFen === undefined);
  const known = state === 'unsettled' ? UNSETTLED_REFUND_STATES : [state];
  const states = orderNo !== undefined ? [state] : isOpen || state !== undefined ? known : REFUND_STATES;
  const causes = isOpen || cause !== undefined || amountFen !== undefined ? [cause] : REFUND_CAUSES;
  return mchids.flatMap((mchid) => states.flatMap((one) => causes.map((why) => isOf(mchid, one, why))));
}
