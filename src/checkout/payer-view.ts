import { toString } from 'qrcode';
import { payerFen } from '../orders/rules/view.js';
import type { AttemptRecord, OrderRecord } from '../orders/rules/record.js';

/**
 * `confirming`: overdue and not yet closed. `closing`: WeChat Pay has not confirmed the close. `stuck`: no code so far. `closed`:
 * for a reason of the shop's. `returning`, `returned`: money that came to a closed order.
 */
export type PayerStatus =
  | 'creating'
  | 'stuck'
  | 'awaiting'
  | 'confirming'
  | 'closing'
  | 'paid'
  | 'refunding'
  | 'partlyRefunded'
  | 'refunded'
  | 'expired'
  | 'cancelled'
  | 'closed'
  | 'returning'
  | 'returned'
  | 'review';

export type PayerView = ReturnType<typeof payerView>;

/** Without metadata, attach, WeChat Pay's numbers and internal reasons, which are none of the payer's. */
export function payerView(order: OrderRecord, now: Date) {
  const attempt = shownAttempt(order);
  const expiresAt = payableUntil(order, attempt);
  const status = statusOf(order, attempt, expiresAt.getTime() <= now.getTime());
  const live = status === 'awaiting' && attempt !== undefined && isLive(attempt, now);
  const paid = paidAttempt(order);
  return {
    version: order.version,
    status,
    product: (paid ?? attempt)?.product ?? 'native',
    amountFen: order.state === 'paid' ? order.paidFen : order.amountFen,
    /** After coupons; 0 until paid, `null` in another currency. */
    payerFen: payerFen(order),
    refundedFen: paid?.refundedFen ?? 0,
    refundingFen: paid?.refundingFen ?? 0,
    /** Of money that did not make the order paid. */
    returnedFen: order.returnedFen,
    returningFen: sumOf(order, ({ refundingFen }) => refundingFen) - (paid?.refundingFen ?? 0),
    /** `null` also while an outlived code is being replaced. */
    codeUrl: live ? attempt.codeUrl : null,
    h5Url: live ? attempt.h5Url : null,
    /** The last moment in which the shown attempt can be paid. */
    expiresAt,
    paidAt: order.paidAt,
  };
}

export function shownAttempt(order: OrderRecord): AttemptRecord | undefined {
  return (
    order.attempts.findLast((attempt) => attempt.state === 'open') ??
    order.attempts.findLast((attempt) => attempt.state === 'preparing') ??
    order.attempts.at(-1)
  );
}

/** WeChat Pay never moves the first prepay's `time_expire`, though an operator may extend the order's deadline. */
export function payableUntil(order: OrderRecord, attempt: AttemptRecord | undefined): Date {
  if (attempt === undefined || attempt.number > 1) return order.expiresAt;
  const firstDeadline = order.createdAt.getTime() + order.expiresInSeconds * 1000;
  return new Date(Math.min(firstDeadline, order.expiresAt.getTime()));
}

export function isLive(attempt: AttemptRecord, now: Date): boolean {
  return attempt.codeExpiresAt === null || attempt.codeExpiresAt.getTime() > now.getTime();
}

function statusOf(order: OrderRecord, attempt: AttemptRecord | undefined, isOver: boolean): PayerStatus {
  switch (order.state) {
    case 'paid':
      return paidStatus(order);
    case 'review':
      return 'review';
    case 'closed':
      return closedStatus(order);
    case 'creating':
    case 'awaitingPayment':
      if (order.ending === 'cancelled') return 'closing';
      if (isOver || order.ending !== null) return 'confirming';
      if (attempt?.state === 'open' || attempt?.product === 'codeScan') return 'awaiting';
      return order.stuckReason === null ? 'creating' : 'stuck';
  }
}

function paidStatus(order: OrderRecord): PayerStatus {
  const { refundedFen = 0, refundingFen = 0 } = paidAttempt(order) ?? {};
  if (refundingFen > 0) return 'refunding';
  if (refundedFen === 0) return 'paid';
  return refundedFen < order.paidFen ? 'partlyRefunded' : 'refunded';
}

/** `returned` without a refund of PaySaga's: the money went back elsewhere. */
function closedStatus(order: OrderRecord): PayerStatus {
  if (order.attempts.some(({ refundingFen }) => refundingFen > 0)) return 'returning';
  if (order.closedReason === 'returned' && order.refunds.length === 0) return 'returned';
  if (sumOf(order, ({ paidFen }) => paidFen) > order.returnedFen) return 'review';
  if (order.returnedFen > 0) return 'returned';
  if (order.closedReason === 'reversed') return 'cancelled';
  return order.closedReason === 'expired' || order.closedReason === 'cancelled' ? order.closedReason : 'closed';
}

const paidAttempt = (order: OrderRecord): AttemptRecord | undefined =>
  order.attempts.find(({ outTradeNo }) => outTradeNo === order.paidAttempt);

const sumOf = ({ attempts }: OrderRecord, fenOf: (attempt: AttemptRecord) => number): number =>
  attempts.reduce((sum, attempt) => sum + fenOf(attempt), 0);

/** The stream's events and the answer to "I have paid". */
export async function payerEvent({ version, status, codeUrl, h5Url, expiresAt, paidAt }: PayerView, now: Date) {
  return {
    version,
    status,
    codeSvg: codeUrl === null ? null : await qrSvg(codeUrl),
    h5Url,
    expiresAt: expiresAt.toISOString(),
    /** For the countdown: the payer's clock may be wrong. */
    serverNow: now.toISOString(),
    paidAt: paidAt?.toISOString() ?? null,
  };
}

/** Inline SVG with its quiet zone: nothing a long press could save or open as a picture. */
export async function qrSvg(content: string): Promise<string> {
  const svg = await toString(content, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
  return svg.replace('<svg ', '<svg aria-hidden="true" focusable="false" ').trim();
}
