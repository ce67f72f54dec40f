import { z } from 'zod';
import { REFUND_STATUSES } from '../domain/gateway-answer.js';
import { parseOutRefundNo, parseOutTradeNo, type Mchid, type OrderNo } from '../domain/ids.js';
import type { Evidence } from '../domain/order/evidence.js';
import type { RefundEvidence } from '../domain/refund/evidence.js';
import { mchidOf, orderNoOf } from './stored-ids.js';
import { notifyInbox } from './schema.js';
import type { InboxProtocol, InboxStatus } from './words.js';

/** One verified notify and what became of it. Its raw bytes and headers stay in Postgres, as proof. */
export type InboxRow = {
  readonly id: string;
  readonly mchid: Mchid;
  readonly protocol: InboxProtocol;
  readonly key: string;
  readonly status: InboxStatus;
  /** As WeChat Pay sent it: not necessarily one of ours. */
  readonly outTradeNo: string;
  /** Null while unmatched. */
  readonly orderNo: OrderNo | null;
  readonly serialNo: string;
  readonly receivedAt: Date;
  readonly signalledAt: Date | null;
  /** How often it was received. */
  readonly deliveries: number;
} & (PaymentNews | RefundNews);

/** `evidence`: what to tell the order; null when the number cannot be one of ours. */
export type PaymentNews = { readonly kind: 'payment'; readonly evidence: Evidence | null };

/** `outRefundNo` is as WeChat Pay sent it; `evidence`: what to tell the refund; null when that cannot be one of ours. */
export type RefundNews = {
  readonly kind: 'refund';
  readonly outRefundNo: string;
  readonly evidence: RefundEvidence | null;
};

/** What a notify says, as stored. */
export type SaidPayment = Omit<Evidence, 'source' | 'outTradeNo'>;
export type SaidRefund = Omit<RefundEvidence, 'outRefundNo'>;

/** The columns of {@link InboxRow}: never the raw bytes, which name the payer. */
export const inboxColumns = {
  id: notifyInbox.id,
  mchid: notifyInbox.mchid,
  protocol: notifyInbox.protocol,
  kind: notifyInbox.kind,
  key: notifyInbox.key,
  status: notifyInbox.status,
  outTradeNo: notifyInbox.outTradeNo,
  orderNo: notifyInbox.orderNo,
  outRefundNo: notifyInbox.outRefundNo,
  evidence: notifyInbox.evidence,
  serialNo: notifyInbox.serialNo,
  receivedAt: notifyInbox.receivedAt,
  signalledAt: notifyInbox.signalledAt,
  deliveries: notifyInbox.deliveries,
};

type StoredInboxRow = Pick<typeof notifyInbox.$inferSelect, keyof typeof inboxColumns>;

export function inboxRow({ kind, outRefundNo, evidence, mchid, orderNo, ...row }: StoredInboxRow): InboxRow {
  const common = { ...row, mchid: mchidOf(mchid), orderNo: orderNo === null ? null : orderNoOf(orderNo) };
  if (kind === 'payment') return { ...common, kind, evidence: paymentEvidence(row.outTradeNo, evidence) };
  if (outRefundNo === null) throw new Error('A stored refund notify names no refund');
  return { ...common, kind, outRefundNo, evidence: refundEvidence(outRefundNo, evidence) };
}

function paymentEvidence(said: string, stored: unknown): Evidence | null {
  const outTradeNo = parseOutTradeNo(said);
  const payment = saidPayment.parse(stored);
  return outTradeNo.ok ? { source: 'notify', outTradeNo: outTradeNo.value, ...payment } : null;
}

function refundEvidence(said: string, stored: unknown): RefundEvidence | null {
  const outRefundNo = parseOutRefundNo(said);
  const refund = saidRefund.parse(stored);
  return outRefundNo.ok ? { outRefundNo: outRefundNo.value, ...refund } : null;
}

const saidRefund: z.ZodType<SaidRefund> = z.object({ refundId: z.string(), status: z.enum(REFUND_STATUSES) });

const saidPayment: z.ZodType<SaidPayment> = z.object({
  transactionId: z.string(),
  mchid: z.string(),
  appid: z.string(),
  tradeType: z.string(),
  totalFen: z.number(),
  currency: z.string(),
});
