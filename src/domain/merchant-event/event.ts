import type { Mchid, OrderNo, OutRefundNo } from '../../base/ids.js';

/** What PaySaga tells the shop. */
export const MERCHANT_EVENT_TYPES = [
  'order.paid',
  'order.closed',
  'order.review',
  'order.compensating',
  'refund.succeeded',
  'refund.rejected',
  'refund.closed',
  'refund.abnormal',
] as const;
export type MerchantEventType = (typeof MERCHANT_EVENT_TYPES)[number];

/**
 * `pending`: not told yet. `withdrawn`: no longer true before it was told. `exhausted`: tried as often as the schedule says, or
 * refused for good. `unaddressed`: the shop has no endpoint.
 */
export const EVENT_STATUSES = ['pending', 'delivered', 'withdrawn', 'exhausted', 'unaddressed'] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

/** An event that its workflow has to tell. `tried`: somebody tried before, so the event's own workflow goes on. */
export type PendingEvent = { readonly id: string; readonly type: MerchantEventType; readonly tried: boolean };

/** One try to tell an event. */
export type DeliveryRecord = {
  readonly at: Date;
  /** The HTTP status that came back, 0 when none did. */
  readonly status: number;
  /** `delivered`, or why not, in a word; never what the shop answered. */
  readonly outcome: string;
  readonly durationMs: number;
};

/** One event with all its deliveries. */
export type MerchantEventRecord = {
  readonly id: string;
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly outRefundNo: OutRefundNo | null;
  readonly type: MerchantEventType;
  readonly status: EventStatus;
  /** Tries since it was emitted or sent again. */
  readonly tries: number;
  readonly createdAt: Date;
  readonly deliveredAt: Date | null;
  /** When it is tried next; null when it is not. */
  readonly nextAt: Date | null;
  readonly deliveries: readonly DeliveryRecord[];
};
