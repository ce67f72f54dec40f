import type { Mchid, OrderNo, OutRefundNo } from '../../base/ids.js';
import type { BillDate } from '../../reconciliation/rules/day.js';
import type { DayAnswer, DiscrepancyAnswer } from '../../reconciliation/rules/view.js';
import { undecidedIn } from '../../orders/rules/beginning.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import type { RefundStateName } from '../../refunds/rules/states.js';
import { readableOrder, refundAnswer } from '../../orders/rules/view.js';
import { HOUR, MINUTE, SECOND } from '../../base/time.js';
import { codeBlocks } from '../../orders/rules/explain/markdown.js';
import type { Language } from '../../base/language.js';

export const ORDER_EVENT_TYPES = [
  'order.paid',
  'order.closed',
  'order.review',
  'order.compensating',
  'refund.succeeded',
  'refund.rejected',
  'refund.closed',
  'refund.abnormal',
] as const;

/** Of a day that was held against WeChat Pay's bills. */
export const DAY_EVENT_TYPES = ['reconciliation.completed', 'discrepancy.opened'] as const;
export type DayEventType = (typeof DAY_EVENT_TYPES)[number];

export const MERCHANT_EVENT_TYPES = [...ORDER_EVENT_TYPES, ...DAY_EVENT_TYPES] as const;
export type MerchantEventType = (typeof MERCHANT_EVENT_TYPES)[number];

/**
 * `pending`: not told yet. `withdrawn`: no longer true before it was told. `exhausted`: tried as often as the schedule says, or
 * refused for good. `unaddressed`: the shop has no endpoint.
 */
export const EVENT_STATUSES = ['pending', 'delivered', 'withdrawn', 'exhausted', 'unaddressed'] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

/** An event that its workflow has to tell. `tried`: somebody tried before, so the event's own workflow goes on. */
export type PendingEvent = { readonly id: string; readonly type: MerchantEventType; readonly tried: boolean };

export type DeliveryRecord = {
  readonly at: Date;
  /** The HTTP status that came back, 0 when none did. */
  readonly status: number;
  /** `delivered`, or why not, in a word; never what the shop answered. */
  readonly outcome: string;
  readonly durationMs: number;
};

export type MerchantEventRecord = {
  readonly id: string;
  readonly mchid: Mchid;
  /** Null where it is of a day. */
  readonly orderNo: OrderNo | null;
  readonly outRefundNo: OutRefundNo | null;
  /** Null where it is of an order. */
  readonly date: BillDate | null;
  /** Of a day: what of it is told, which is told once. */
  readonly subject: string | null;
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

/**
 * The events of a change of an order, in the order in which the shop should hear them. `known`: events it was told before.
 * `order.compensating` follows from `known` rather than from the change, since a refund reserved meanwhile may have begun it.
 */
export function orderEvents(
  before: OrderRecord,
  after: OrderRecord,
  known: readonly MerchantEventType[],
): MerchantEventType[] {
  const types: MerchantEventType[] = [];
  if (before.state !== after.state) {
    if (after.state === 'paid') types.push('order.paid');
    if (after.state === 'closed') types.push('order.closed');
    if (after.state === 'review') types.push('order.review');
  }
  if (isCompensating(after) && !known.includes('order.compensating')) types.push('order.compensating');
  return types;
}

/** The goods will not come, and nobody has to decide first: the money goes back. */
const isCompensating = (order: OrderRecord): boolean =>
  order.fulfilment === 'rejected' ||
  (order.fulfilment === 'overdue' && undecidedIn(order, order.ownStuckReason) === null);

export const refundEvents = (before: RefundRecord, after: RefundRecord): readonly MerchantEventType[] =>
  before.state === after.state ? [] : REFUND_EVENTS[after.state];

const REFUND_EVENTS: Readonly<Record<RefundStateName, readonly MerchantEventType[]>> = {
  requested: [],
  processing: [],
  succeeded: ['refund.succeeded'],
  rejected: ['refund.rejected'],
  closed: ['refund.closed'],
  abnormal: ['refund.abnormal'],
};

type EventFacts = {
  readonly type: MerchantEventType;
  readonly at: Date;
  /** As it stands after the change that the event tells. */
  readonly order: OrderRecord;
  readonly refund: RefundRecord | null;
  /** Paid after the shop was told that it is closed. */
  readonly late: boolean;
};

/** The exact bytes of every delivery of one event. They name the payer, to the shop alone; nothing in them lets anybody pay. */
export function eventBody({ type, at, order, refund, late }: EventFacts): string {
  const data = {
    order: readableOrder(order),
    ...(refund === null ? {} : { refund: refundAnswer(refund) }),
    ...(late ? { late } : {}),
  };
  return JSON.stringify({ type, timestamp: at.toISOString(), data });
}

/** What is told of a day: how it ended, or what of it does not agree. As it stands then. */
export type DayNews =
  | { readonly type: 'reconciliation.completed'; readonly reconciliation: DayAnswer }
  | { readonly type: 'discrepancy.opened'; readonly discrepancy: DiscrepancyAnswer };

/** As {@link eventBody}, of a day; nobody's name is in it. */
export const dayEventBody = ({ type, ...data }: DayNews, at: Date): string =>
  JSON.stringify({ type, timestamp: at.toISOString(), data });

/** What came of a test event, of which nothing is kept. `status` is 0 when none came back. */
export type TestTold = {
  /** Its `webhook-id`. */
  readonly id: string;
  readonly status: number;
  readonly ms: number;
  /** `delivered`, or why not, in a word, as of any delivery. */
  readonly outcome: string;
};

/** Standard Webhooks' table of waits between tries, from the first. */
const DELAYS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** Share by which waits vary, so that a shop that comes back does not get all events at once. */
const JITTER = 0.1;

/**
 * Milliseconds to the next try after `tries` that failed; `undefined` after the last. `chance` is uniform in 0..1;
 * `retryAfterMs` is what the shop asked for, and only makes it later.
 */
export function deliveryDelayMs(tries: number, chance: number, retryAfterMs: number | null): number | undefined {
  const delayMs = DELAYS_MS[tries - 1];
  if (delayMs === undefined) return undefined;
  const varied = Math.round(delayMs * (1 + JITTER * (2 * chance - 1)));
  return Math.max(varied, Math.min(retryAfterMs ?? 0, 24 * HOUR));
}

/** What an event's own workflow does, for the Temporal UI's current details: Markdown, in one language. */
export const eventCard = (eventId: string, language: Language): string =>
  [TEXTS[language], '', ...codeBlocks([`paysaga events resend ${eventId} --reason ''`])].join('\n');

const TEXTS: Readonly<Record<Language, string>> = {
  zh: '正在通知店铺。没有得到 2xx 应答时按计划重试：5 秒、5 分钟、30 分钟、2、5、10、14、20、24 小时，之后不再自动发送，订单显示 `shop_unreachable`。订单的投递记录见其 `events`。店铺恢复后可立即重新发送：',
  en: "Telling the shop. Without a 2xx it is told again after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h; then no more by itself, and an order shows `shop_unreachable`. Each delivery is in an order's `events`. Once the shop listens it can be sent at once:",
};
