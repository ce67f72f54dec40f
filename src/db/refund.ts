import type { PendingEvent } from '../domain/merchant-event/event.js';
import type { Fen } from '../domain/money.js';
import type { RefundObjection } from '../domain/refund/guard.js';
import type { RefundProjection } from '../domain/refund/projection.js';
import type { RefundRecord } from '../domain/refund/record.js';
import type { RefundCause } from '../domain/refund/states.js';
import type { Db, Tx } from './connection.js';
import type { AttemptRef, OrderRef } from './order.js';
import type { RefundRef } from './refund-record.js';

export type { RefundRef } from './refund-record.js';

export type RefundRequest = OrderRef &
  RefundRef & {
    readonly amountFen: Fen;
    readonly reason: string | null;
    readonly bodyHash: string;
    readonly now: Date;
  };

export type RefundReservation =
  | { readonly refund: RefundRecord; readonly created: boolean }
  | 'order_not_found'
  | 'refund_conflict'
  | RefundObjection;

export declare function reserveRefund(db: Db | Tx, request: RefundRequest): Promise<RefundReservation>;

export type ReturnRequest = AttemptRef & { readonly cause: Exclude<RefundCause, 'shop'>; readonly now: Date };

export type ReturnReservation =
  | { readonly kind: 'reserved'; readonly refund: RefundRecord }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly reason: 'refund_limit_reached' | 'refund_too_old' };

export declare function reserveReturn(db: Db | Tx, request: ReturnRequest): Promise<ReturnReservation>;

export declare function reserveReissue(
  db: Db | Tx,
  request: RefundRef & { readonly now: Date },
): Promise<RefundRecord | 'not_allowed' | 'refund_not_found'>;

export declare function loadRefund(db: Db | Tx, ref: RefundRef): Promise<RefundRecord | undefined>;

export type ApplyClaim =
  { readonly kind: 'go'; readonly again: boolean } | { readonly kind: 'wait'; readonly untilMs: number };

export declare function claimRefundApply(db: Db | Tx, ref: RefundRef, now: Date): Promise<ApplyClaim>;

export declare function projectRefund(
  db: Db | Tx,
  projection: RefundProjection,
  now: Date,
): Promise<{ applied: boolean; refund: RefundRecord; events: PendingEvent[] }>;

export declare function isRefundOfOurs(db: Db | Tx, ref: AttemptRef): Promise<boolean>;
