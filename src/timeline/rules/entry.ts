import type { GatewayRefusal } from '../../orders/rules/gateway-answer.js';
import type { EventStatus } from '../../shop-events/rules/event.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import { orderFields, type OrderFields } from '../../orders/rules/view.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import type { RefundStateName } from '../../refunds/rules/states.js';

/** Who says that it happened: PaySaga itself, WeChat Pay's notify, its answer to a call, the shop, or a person. */
export const TIMELINE_SOURCES = ['paysaga', 'notify', 'gateway', 'shop', 'person'] as const;
export type TimelineSource = (typeof TIMELINE_SOURCES)[number];

/** One thing that happened to an order, as it was known then. */
export type TimelineEntry = {
  /** When PaySaga knew it, by Postgres's clock: never before what stands above it. */
  readonly at: Date;
  /** When it happened, as WeChat Pay says: the payment's or the refund's own time. */
  readonly wechatAt: Date | null;
  readonly source: TimelineSource;
  /**
   * `order.created|<state>|fulfilment|deadline|stuck|unstuck`, `attempt.sent|opened|refused|paid|closed|failed`,
   * `evidence.notify|query|bill`, `notify.payment|refund|told`, `call.<api>`, `call.omitted`, `refund.requested|applied|<state>`,
   * `event.<type>` and `event.<status>` of one that is no longer waiting, `delivery`, `action.<action>` and its `answer.<action>`.
   */
  readonly kind: string;
  /** The number or id it is about. */
  readonly subject: string;
  /** What came of it, in a word; null where there is nothing to come of it, or nothing yet. */
  readonly outcome: string | null;
  readonly amountFen: number | null;
  readonly by: string | null;
  /** Why somebody asked for it, or what WeChat Pay said when it refused. */
  readonly reason: string | null;
  readonly before: OrderSnapshot | null;
  readonly after: OrderSnapshot | null;
  /**
   * What was decided or asked for (`accept`, a deadline), what a delivery was answered with (`503`), or the code and the parameter of
   * what WeChat Pay refused.
   */
  readonly detail: string | null;
  /** What WeChat Pay answered in place of what it was asked for. */
  readonly gateway: GatewayRefusal | null;
  /** Of a call or a delivery. */
  readonly durationMs: number | null;
  /** How often: a notify that was repeated, calls that are left out. */
  readonly count: number | null;
};

/**
 * An order as it stood when a person asked something of it, or was answered, and the refund or event that it was about. Plain
 * JSON, as it is kept.
 */
export type OrderSnapshot = Pick<
  OrderFields,
  'version' | 'state' | 'closedReason' | 'reviewReason' | 'stuckReason' | 'fulfilment' | 'expiresAt'
> & {
  readonly [Sum in 'paidFen' | 'refundingFen' | 'refundedFen' | 'returnedFen']: number;
} & {
  readonly refund: { readonly refundNo: string; readonly state: RefundStateName } | null;
  readonly event: { readonly id: string; readonly status: EventStatus } | null;
};

export function orderSnapshot(
  order: OrderRecord,
  refund: RefundRecord | undefined,
  event: OrderSnapshot['event'],
): OrderSnapshot {
  const { version, state, closedReason, reviewReason, stuckReason, fulfilment, expiresAt, ...facts } =
    orderFields(order);
  const { paidFen, refundingFen, refundedFen, returnedFen } = facts;
  return {
    ...{ version, state, closedReason, reviewReason, stuckReason, fulfilment, expiresAt },
    ...{ paidFen, refundingFen, refundedFen, returnedFen },
    refund: refund === undefined ? null : { refundNo: refund.outRefundNo, state: refund.state },
    event,
  };
}
