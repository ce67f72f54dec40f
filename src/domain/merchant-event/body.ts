import type { OrderRecord } from '../order/record.js';
import { orderFacts, refundAnswer } from '../order/view.js';
import type { RefundRecord } from '../refund/record.js';
import type { MerchantEventType } from './event.js';

export type EventFacts = {
  readonly type: MerchantEventType;
  readonly at: Date;
  /** As it stands after the change that the event tells. */
  readonly order: OrderRecord;
  readonly refund: RefundRecord | null;
  /** Paid after the shop was told that it is closed. */
  readonly late: boolean;
};

/** The exact bytes that every delivery of one event sends; nothing in them lets anybody pay. They name the payer to the shop alone. */
export function eventBody({ type, at, order, refund, late }: EventFacts): string {
  const data = {
    order: orderFacts(order),
    ...(refund === null ? {} : { refund: refundAnswer(refund) }),
    ...(late ? { late } : {}),
  };
  return JSON.stringify({ type, timestamp: at.toISOString(), data });
}
