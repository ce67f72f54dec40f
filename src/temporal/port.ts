import type { Evidence } from '../domain/order/evidence.js';
import type { Mchid, OrderNo, OutTradeNo } from '../domain/ids.js';
import type { OrderRecord } from '../domain/order/record.js';
import type { Product } from '../domain/product.js';

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
  /** Query everything unsettled now. Starts the order again where its workflow has ended. */
  recheck(request: OrderRef): Promise<void>;
  deliverEvidence(request: OrderRef & { readonly evidence: Evidence }): Promise<'signalled' | 'duplicate'>;
  /** Starts the order's workflow again from its row; joins the one that runs. */
  resume(request: OrderRef): Promise<void>;
};

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

/** Temporal could not be reached or refused the call; the caller repeats. */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';
  readonly code = 'temporal_unavailable';

  constructor(options: { cause?: unknown } = {}) {
    super('Temporal is not available', options);
  }
}
