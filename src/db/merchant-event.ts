import type { Mchid, OrderNo, OutRefundNo } from '../domain/ids.js';
import type {
  EventStatus,
  MerchantEventRecord,
  MerchantEventType,
  PendingEvent,
} from '../domain/merchant-event/event.js';
import type { Db, Tx } from './connection.js';
import type { OrderRef } from './order.js';

/** What delivering an event needs. `body` is sent as it is; it names what was bought, and goes nowhere but to the shop. */
export type EventToSend = {
  readonly id: string;
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly type: MerchantEventType;
  readonly status: EventStatus;
  readonly body: string;
  readonly tries: number;
  readonly nextAt: Date | null;
};

export declare function loadEventToSend(db: Db | Tx, id: string): Promise<EventToSend | undefined>;

export type Delivery = {
  readonly eventId: string;
  readonly at: Date;
  /** HTTP status; 0 when none came back. */
  readonly status: number;
  /** What came of it, in a word; never what the shop answered. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly then:
    | { readonly kind: 'delivered' }
    | { readonly kind: 'again'; readonly nextAt: Date }
    | { readonly kind: 'exhausted' }
    | { readonly kind: 'unaddressed' };
};

export declare function recordDelivery(db: Db | Tx, delivery: Delivery): Promise<void>;

export declare function resendEvent(
  db: Db | Tx,
  ref: { readonly mchid: Mchid; readonly id: string },
  now: Date,
): Promise<'resent' | 'withdrawn' | 'event_not_found'>;

/** Oldest first, each with its deliveries, oldest first. */
export declare function listEvents(db: Db | Tx, ref: OrderRef): Promise<MerchantEventRecord[]>;

/** Oldest first: those of one refund, or those of the order itself. */
export declare function pendingEvents(
  db: Db | Tx,
  ref: OrderRef & { readonly outRefundNo: OutRefundNo | null },
): Promise<PendingEvent[]>;
