import { z } from 'zod';
import { REFUND_STATUSES } from '../domain/gateway-answer.js';
import { parseOutRefundNo, parseOutTradeNo, type Mchid, type OrderNo } from '../base/ids.js';
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
  /** WeChat Pay's word for what happened. */
  readonly eventType: string;
  /** As WeChat Pay sent it: not necessarily one of ours. What is of another kind may name none. */
  readonly outTradeNo: string | null;
  /** Null while unmatched or unsupported. */
  readonly orderNo: OrderNo | null;
  readonly serialNo: string;
  readonly receivedAt: Date;
  readonly signalledAt: Date | null;
  /** How often it was received. */
  readonly deliveries: number;
} & (PaymentNews | RefundNews | OtherNews);

/** `evidence`: what to tell the order; null when the number cannot be one of ours. */
export type PaymentNews = {
  readonly kind: 'payment';
  readonly outTradeNo: string;
  readonly evidence: Evidence | null;
};

/** `outRefundNo` is as WeChat Pay sent it; `evidence`: what to tell the refund; null when that cannot be one of ours. */
export type RefundNews = {
  readonly kind: 'refund';
  readonly outTradeNo: string;
  readonly outRefundNo: string;
  readonly evidence: RefundEvidence | null;
};

/** Kept, and nobody is told: what it says is in its sealed body, for a build that understands it. */
export type OtherNews = { readonly kind: 'other'; readonly evidence: SaidOther };

/** What a notify says, as stored. */
export type SaidPayment = Omit<Evidence, 'source' | 'outTradeNo'>;
export type SaidRefund = Omit<RefundEvidence, 'outRefundNo'>;
export type SaidOther = { readonly originalType: string | null };

/** The number a row is about; of another kind what happened, since its numbers are not PaySaga's. */
export const subjectOf = (row: InboxRow): string =>
  row.kind === 'other' ? row.eventType : row.kind === 'refund' ? row.outRefundNo : row.outTradeNo;

/** The columns of {@link InboxRow}: never the raw bytes, which name the payer. */
export const inboxColumns = {
  id: notifyInbox.id,
  mchid: notifyInbox.mchid,
  protocol: notifyInbox.protocol,
  kind: notifyInbox.kind,
  eventType: notifyInbox.eventType,
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
  if (kind === 'other') return { ...common, kind, evidence: saidOther.parse(evidence) };
  const { outTradeNo } = row;
  if (outTradeNo === null) throw new Error('A stored notify names no trade');
  if (kind === 'payment') return { ...common, kind, outTradeNo, evidence: paymentEvidence(outTradeNo, evidence) };
  if (outRefundNo === null) throw new Error('A stored refund notify names no refund');
  return { ...common, kind, outTradeNo, outRefundNo, evidence: refundEvidence(outRefundNo, evidence) };
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

const saidOther: z.ZodType<SaidOther> = z.object({ originalType: z.string().nullable() });

const saidRefund: z.ZodType<SaidRefund> = z.object({ refundId: z.string(), status: z.enum(REFUND_STATUSES) });

const saidPayment: z.ZodType<SaidPayment> = z.object({
  transactionId: z.string(),
  mchid: z.string(),
  appid: z.string(),
  tradeType: z.string(),
  totalFen: z.number(),
  currency: z.string(),
});
