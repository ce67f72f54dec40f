import type { Mchid, OrderNo, OutRefundNo, OutTradeNo } from '../base/ids.js';
import type { Evidence } from '../domain/order/evidence.js';
import type { OrderRecord } from '../domain/order/record.js';
import type { Shop } from '../domain/order/state.js';
import type { ResolveAction, ResolveOutcome } from '../domain/order/states.js';
import type { Product } from '../domain/product.js';
import type { RefundEvidence } from '../domain/refund/evidence.js';
import type { RefundResolveAction, RefundResolveOutcome } from '../domain/refund/states.js';

/**
 * What the rest of PaySaga asks of the order workflows. Every call waits at most `waitMs` (8 s for the API) and then answers
 * `pending`: what was asked is recorded and goes on. Throws {@link TemporalUnavailable} when nothing was recorded.
 * The outcome is a word; the order itself is read from Postgres afterwards.
 */
export type OrderWorkflows = {
  create(order: OrderRecord): Promise<'answered' | 'pending'>;
  /** `reenter`: a fresh code for this number, which is open already; otherwise a number not yet sent to WeChat Pay. */
  openAttempt(request: OpenAttemptRequest): Promise<OpenAttemptOutcome | 'pending'>;
  close(request: OrderRef & { readonly requestId: string }): Promise<CloseOutcome | 'pending'>;
  sync(request: OrderRef): Promise<'answered' | 'pending'>;
  extendDeadline(
    request: OrderRef & { readonly requestId: string; readonly until: Date },
  ): Promise<'extended' | 'not_open' | 'pending'>;
  reportFulfilment(
    request: OrderRef & { readonly outcome: 'fulfilled' | 'rejected' },
  ): Promise<FulfilmentOutcome | 'pending'>;
  /** What a person decides; money is asked for at WeChat Pay at that moment. */
  resolve(
    request: OrderRef & { readonly requestId: string; readonly action: ResolveAction },
  ): Promise<ResolveOutcome | 'pending'>;
  /** News of `order.paid`, which the event's own workflow has delivered or given up. An order that has ended is started again. */
  shopHeard(request: OrderRef & { readonly shop: Shop }): Promise<void>;
  /** Query everything unsettled now. Starts the order again where its workflow has ended. */
  recheck(request: OrderRef): Promise<void>;
  deliverEvidence(request: OrderRef & { readonly evidence: Evidence }): Promise<'signalled' | 'duplicate'>;
  /** Starts the order's workflow again from its row; joins the one that runs. */
  resume(request: OrderRef): Promise<void>;
  /** Whether its workflow is there and goes on. */
  progress(request: OrderRef & { readonly now: Date }): Promise<WorkflowProgress>;
  /**
   * Ends a run that cannot go on, or (`force`) whatever runs, and starts the order again from its row. `not_stalled`: it goes on.
   */
  rescue(request: OrderRef & { readonly force: boolean }): Promise<'rescued' | 'not_stalled'>;
};

/** `failing`: its workflow task fails again and again, or no worker takes it. */
export type WorkflowProgress = 'running' | 'failing' | 'missing';

export type OrderRef = { readonly mchid: Mchid; readonly orderNo: OrderNo };

export type OpenAttemptRequest = OrderRef & {
  readonly outTradeNo: OutTradeNo;
  readonly product: Product;
  readonly appid: string;
  readonly reenter: boolean;
  /** Makes the update id: attemptKey, else the body's hash, with the order's version. */
  readonly requestId: string;
};

export type OpenAttemptOutcome = 'opened' | 'refused' | 'not_payable' | 'close_pending' | 'stuck';
export type CloseOutcome = 'closed' | 'paid' | 'review';

/** `final`: decided otherwise, or too late. */
export type FulfilmentOutcome = 'recorded' | 'final' | 'not_expected';

export type RefundRef = { readonly mchid: Mchid; readonly outRefundNo: OutRefundNo };

/** What the rest of PaySaga asks of the refund workflows; waits and failures as in {@link OrderWorkflows}. */
export type RefundWorkflows = {
  /** Its row is there already and is the guard: a number runs once. Joins the one that runs. */
  start(request: RefundRef): Promise<void>;
  /** Asks WeChat Pay about it now. Starts the refund again where its workflow has ended. */
  recheck(request: RefundRef): Promise<void>;
  /** `orderNo`: whose it is if PaySaga did not make it; then it is kept as WeChat Pay says it is. */
  deliverEvidence(
    request: RefundRef & { readonly orderNo: OrderNo; readonly evidence: RefundEvidence },
  ): Promise<'signalled' | 'duplicate'>;
  /** Asks WeChat Pay, until it answers, about a refund that somebody else made, and keeps it. */
  findExternal(request: RefundRef & { readonly orderNo: OrderNo }): Promise<void>;
  progress(request: RefundRef & { readonly now: Date }): Promise<WorkflowProgress>;
  rescue(request: RefundRef & { readonly force: boolean }): Promise<'rescued' | 'not_stalled'>;
  resolve(
    request: RefundRef & { readonly requestId: string; readonly action: RefundResolveAction },
  ): Promise<RefundResolveOutcome | 'pending'>;
};

/** What the rest of PaySaga asks of the merchant events' workflows. */
export type EventWorkflows = {
  /** Goes on where the event's row says; joins the one that runs. */
  start(eventId: string): Promise<void>;
  /** As `start`, but a run that waits for its next try begins again from the row at once. */
  resend(eventId: string): Promise<void>;
};

/** What the rest of PaySaga asks of the bulks' workflows. */
export type BulkWorkflows = {
  /** Its row and its orders are there already. Goes on with what is open; joins the one that runs. */
  start(id: string): Promise<void>;
};

/** Temporal could not be reached or refused the call; the caller repeats. */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';
  readonly code = 'temporal_unavailable';

  constructor(options: { cause?: unknown } = {}) {
    super('Temporal is not available', options);
  }
}
