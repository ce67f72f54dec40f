import { z } from 'zod';
import { parseOutTradeNo, type Mchid, type OrderNo } from '../domain/ids.js';
import type { Evidence } from '../domain/order/evidence.js';
import { mchidOf, orderNoOf } from './order-record.js';
import { notifyInbox } from './schema.js';
import type { InboxKind, InboxProtocol, InboxStatus } from './words.js';

/** One verified notify and what became of it. Its raw bytes and headers stay in Postgres, as proof. */
export type InboxRow = {
  readonly id: string;
  readonly mchid: Mchid;
  readonly protocol: InboxProtocol;
  readonly kind: InboxKind;
  readonly key: string;
  readonly status: InboxStatus;
  /** As WeChat Pay sent it: not necessarily one of ours. */
  readonly outTradeNo: string;
  /** Null while unmatched. */
  readonly orderNo: OrderNo | null;
  /** What to tell the order; null when the number cannot be one of ours. */
  readonly evidence: Evidence | null;
  readonly serialNo: string;
  readonly receivedAt: Date;
  readonly signalledAt: Date | null;
  /** How often it was received. */
  readonly deliveries: number;
};

/** What a notify says about the payment, as stored. */
export type SaidPayment = Omit<Evidence, 'source' | 'outTradeNo'>;

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
  evidence: notifyInbox.evidence,
  serialNo: notifyInbox.serialNo,
  receivedAt: notifyInbox.receivedAt,
  signalledAt: notifyInbox.signalledAt,
  deliveries: notifyInbox.deliveries,
};

type StoredInboxRow = Pick<typeof notifyInbox.$inferSelect, keyof typeof inboxColumns>;

export function inboxRow(row: StoredInboxRow): InboxRow {
  const outTradeNo = parseOutTradeNo(row.outTradeNo);
  const said = saidPayment.parse(row.evidence);
  return {
    ...row,
    mchid: mchidOf(row.mchid),
    orderNo: row.orderNo === null ? null : orderNoOf(row.orderNo),
    evidence: outTradeNo.ok ? { source: 'notify', outTradeNo: outTradeNo.value, ...said } : null,
  };
}

const saidPayment: z.ZodType<SaidPayment> = z.object({
  transactionId: z.string(),
  mchid: z.string(),
  appid: z.string(),
  tradeType: z.string(),
  totalFen: z.number(),
  currency: z.string(),
});
